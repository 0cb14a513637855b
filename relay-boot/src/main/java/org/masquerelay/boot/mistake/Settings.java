package org.masquerelay.boot.mistake;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.Name;

/// The properties below a prefix, as the records have them that they are bound to; of beans that
/// are no records none is known.
final class Settings {
    static final Settings NONE = new Settings(Map.of());

    private static final String ITEM = "[0]";

    /// So much of a name may be mistyped.
    private static final int TYPED_RIGHT = 4;

    private final Map<String, Setting> byName;

    private Settings(Map<String, Setting> byName) {
        this.byName = byName;
    }

    static Settings of(String prefix, Class<?> bean) {
        var all = new LinkedHashMap<String, Setting>();
        collect(prefix, bean, all);
        return new Settings(all);
    }

    /// The one of this name, in whatever case and of whatever item of a list.
    Optional<Setting> find(String name) {
        return Optional.ofNullable(byName.get(Setting.plain(name)));
    }

    /// The one that somebody may have meant: spelled nearly so, or at least called so somewhere
    /// else.
    Optional<String> nearest(String name) {
        var plain = Setting.plain(name);
        var spelled =
                byName.keySet().stream()
                        .filter(other -> distance(plain, other) <= other.length() / TYPED_RIGHT)
                        .min(Comparator.comparingInt(other -> distance(plain, other)));
        var last = plain.substring(plain.lastIndexOf('.') + 1);
        return spelled.or(() ->
                        byName.keySet().stream()
                                .filter(other -> other.endsWith("." + last))
                                .min(Comparator.comparingInt(other -> distance(plain, other))))
                .map(byName::get)
                .map(setting -> setting.like(name));
    }

    private static void collect(String name, Type type, Map<String, Setting> all) {
        if (!(type instanceof Class<?> record && record.isRecord())) {
            return;
        }
        for (var component : record.getRecordComponents()) {
            try {
                var field = record.getDeclaredField(component.getName());
                var given = field.getAnnotation(Name.class);
                var full = name + "." + (given == null ? kebab(field.getName()) : given.value());
                all.put(Setting.plain(full), new Setting(full, field));
                var item = itemOf(field.getGenericType());
                if (item.isPresent()) {
                    all.put(Setting.plain(full + ITEM), new Setting(full + ITEM, field));
                    collect(full + ITEM, item.get(), all);
                } else {
                    collect(full, field.getGenericType(), all);
                }
            } catch (NoSuchFieldException e) {
                throw new AssertionError(e);
            }
        }
    }

    /// What a list is of, or a map leads to.
    static Optional<Type> itemOf(Type type) {
        if (type instanceof ParameterizedType many
                && (many.getRawType() == List.class || many.getRawType() == Map.class)) {
            var arguments = many.getActualTypeArguments();
            return Optional.of(arguments[arguments.length - 1]);
        }
        return Optional.empty();
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /// How many letters are to be added, taken away or changed.
    private static int distance(String from, String to) {
        var above = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            var row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(above[j - 1] + change, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[to.length()];
    }
}
