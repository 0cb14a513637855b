package org.masquerelay.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.masquerelay.egress.config.EgressProperties;
import org.masquerelay.ingress.config.IngressProperties;
import org.springframework.boot.context.properties.bind.Name;

/// The records of the settings and the tables of docs/CONFIGURATION.md agree.
final class DocumentedPropertiesTest {
    private static final Path TEXT = Path.of("../docs/CONFIGURATION.md");
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");
    private static final String ITEM = "[i]";

    @Test
    void everyPropertyHasARow() throws IOException {
        var rows = rows();
        var missing = new TreeSet<String>();
        for (var property : properties()) {
            if (rows.stream().noneMatch(row -> covers(row, property))) {
                missing.add(property);
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void everyRowIsOfAPropertyAndNoneComesTwice() throws IOException {
        var properties = properties();
        var rows = rows();
        assertThat(rows)
                .allMatch(row -> properties.stream().anyMatch(property -> covers(row, property)))
                .doesNotHaveDuplicates();
    }

    /// A row can stand for all below a name, as that of a list does for what its items have.
    private static boolean covers(String row, String property) {
        return property.equals(row)
                || property.startsWith(row + ".")
                || property.startsWith(row + ITEM);
    }

    /// The first cells of the tables of `relay` properties, in full. Where the heading is "Property
    /// of x", names are of what is below x; names behind the first of a cell are beside it.
    private static List<String> rows() throws IOException {
        var rows = new ArrayList<String>();
        var prefix = "";
        var below = "";
        for (var line : Files.readAllLines(TEXT)) {
            if (!line.startsWith("| ")) {
                below = line.startsWith("Below `") ? nameIn(line) + "." : below;
                continue;
            }
            var cell = line.substring(2, line.indexOf(" |"));
            if (cell.startsWith("Property")) {
                prefix = cell.contains("`") ? nameIn(cell) + "." : below;
                below = "";
            } else if (cell.startsWith("`")) {
                add(cell, prefix, rows);
            } else if (!cell.startsWith("-")) {
                prefix = "none.";
            }
        }
        return rows.stream().filter(row -> row.startsWith("relay.")).toList();
    }

    private static String nameIn(String text) {
        return NAME.matcher(text).results().findFirst().orElseThrow().group(1);
    }

    private static void add(String cell, String prefix, List<String> rows) {
        var beside = prefix;
        for (var found : NAME.matcher(cell).results().toList()) {
            var name = found.group(1).replaceFirst("\\.\\*$", "");
            var full = name.startsWith("relay.") ? name : beside + name;
            rows.add(full);
            beside = full.substring(0, full.lastIndexOf('.') + 1);
        }
    }

    private static List<String> properties() {
        var all = new TreeSet<String>();
        collect("relay", IngressProperties.class, all);
        collect("relay", EgressProperties.class, all);
        return List.copyOf(all);
    }

    private static void collect(String name, Type type, Set<String> all) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            var item = list.getActualTypeArguments()[0];
            collect(isOurRecord(item) ? name + ITEM : name, item, all);
        } else if (isOurRecord(type)) {
            for (RecordComponent each : ((Class<?>) type).getRecordComponents()) {
                collect(name + "." + nameOf((Class<?>) type, each), each.getGenericType(), all);
            }
        } else {
            all.add(name);
        }
    }

    /// A name that is a word of the language is given to the component apart.
    private static String nameOf(Class<?> type, RecordComponent component) {
        try {
            var given = type.getDeclaredField(component.getName()).getAnnotation(Name.class);
            return given == null ? kebab(component.getName()) : given.value();
        } catch (NoSuchFieldException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isOurRecord(Type type) {
        return type instanceof Class<?> one
                && one.isRecord()
                && one.getName().startsWith("org.masquerelay.");
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
