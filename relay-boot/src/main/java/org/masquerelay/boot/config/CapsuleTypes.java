package org.masquerelay.boot.config;

import java.util.Collection;
import java.util.stream.Collectors;

/// Capsule types as operators write and read them.
final class CapsuleTypes {
    /// The largest variable-length integer (RFC 9000, section 16).
    private static final long MAX = (1L << 62) - 1;

    private static final String HEXADECIMAL = "0x";

    private CapsuleTypes() {}

    /// Reads `0x11` or `17`.
    static long parse(String property, String text) {
        try {
            long type =
                    text.startsWith(HEXADECIMAL)
                            ? Long.parseLong(text, HEXADECIMAL.length(), text.length(), 16)
                            : Long.parseLong(text);
            if (type >= 0 && type <= MAX) {
                return type;
            }
        } catch (NumberFormatException _) {
            // The sentence below says all there is to say.
        }
        throw new BadSettingException(
                property,
                "is not a capsule type",
                "Write a number of at most 62 bits, such as 0x11 or 17");
    }

    static String format(Collection<Long> types) {
        return types.stream()
                .sorted()
                .map(type -> "0x%02x".formatted(type))
                .collect(Collectors.joining(", "));
    }
}
