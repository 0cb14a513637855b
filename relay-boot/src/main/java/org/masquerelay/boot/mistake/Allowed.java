package org.masquerelay.boot.mistake;

import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.util.unit.DataSize;

/// Which values a property takes, as the end of a sentence.
final class Allowed {
    private static final Map<Class<?>, Kind> KINDS =
            Map.ofEntries(
                    Map.entry(boolean.class, new Kind("true or false")),
                    Map.entry(Boolean.class, new Kind("true or false")),
                    Map.entry(int.class, new Kind("a whole number")),
                    Map.entry(Integer.class, new Kind("a whole number")),
                    Map.entry(long.class, new Kind("a whole number")),
                    Map.entry(Long.class, new Kind("a whole number")),
                    Map.entry(double.class, new Kind("a number")),
                    Map.entry(Double.class, new Kind("a number")),
                    Map.entry(Duration.class, new Kind("a duration", ", such as 500ms, 30s or 2h")),
                    Map.entry(DataSize.class, new Kind("a size", ", such as 500B, 64KB or 1MB")),
                    Map.entry(URI.class, new Kind("a URI", ", such as https://host.example:4434")),
                    Map.entry(Path.class, new Kind("the path of a file")));

    private record Kind(String noun, String examples) {
        Kind(String noun) {
            this(noun, "");
        }
    }

    private Allowed() {}

    static Optional<String> of(Setting setting) {
        return of(setting.field().getGenericType(), Bounds.of(setting.field()));
    }

    static Optional<String> of(Type type) {
        return of(type, Bounds.NONE);
    }

    private static Optional<String> of(Type type, Bounds bounds) {
        var item = Settings.itemOf(type);
        if (item.isPresent()) {
            return of(item.get(), Bounds.NONE).map(each -> "a list, each " + each);
        }
        if (!(type instanceof Class<?> one)) {
            return Optional.empty();
        }
        if (one.isEnum()) {
            return Optional.of("one of " + constants(one));
        }
        return Optional.ofNullable(KINDS.get(one))
                .map(kind -> kind.noun + bounds.text() + kind.examples);
    }

    private static String constants(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(constant -> name((Enum<?>) constant))
                .collect(Collectors.joining(", "));
    }

    /// A constant may have a name of its own for those who write it.
    private static String name(Enum<?> constant) {
        return constant.toString().equals(constant.name())
                ? constant.name().toLowerCase(Locale.ROOT).replace('_', '-')
                : constant.toString();
    }
}
