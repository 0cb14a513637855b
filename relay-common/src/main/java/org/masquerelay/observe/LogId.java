package org.masquerelay.observe;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// What a tunnel or a connection is called in the logs of this relay: random, so that two of them
/// tell nothing of each other and the logs of two relays cannot be joined by it. Made up when it is
/// asked for, as most are never logged.
///
/// Confined to the event loop of what it names.
public final class LogId {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 8;

    private @Nullable String text;

    /// 16 hexadecimal digits.
    @Override
    public String toString() {
        var known = text;
        if (known == null) {
            var random = new byte[BYTES];
            RANDOM.nextBytes(random);
            known = HexFormat.of().formatHex(random);
            text = known;
        }
        return known;
    }
}
