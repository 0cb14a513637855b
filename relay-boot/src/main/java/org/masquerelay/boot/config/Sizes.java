package org.masquerelay.boot.config;

import org.springframework.util.unit.DataSize;

/// Checks sizes, for which Bean Validation has no words.
final class Sizes {
    private Sizes() {}

    /// The bytes of `size`, if there are so many and not more.
    ///
    /// @param range the bounds in words
    static int within(String property, DataSize size, long min, long max, String range) {
        if (size.toBytes() < min || size.toBytes() > max) {
            throw new BadSettingException(
                    property, "is not a size that works", "Set it to " + range);
        }
        return Math.toIntExact(size.toBytes());
    }
}
