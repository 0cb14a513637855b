package org.masquerelay.transport;

import java.security.SecureRandom;
import java.util.Arrays;

/// What relays that share an address make the secrets of their Retry tokens from.
public final class RetrySecret {
    public static final int BYTES = 32;

    private final byte[] bytes;

    public RetrySecret(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("bytes: " + bytes.length + " (expected: 32)");
        }
        this.bytes = bytes.clone();
    }

    /// One that nobody else has.
    static RetrySecret random() {
        var random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        return new RetrySecret(random);
    }

    byte[] bytes() {
        return bytes.clone();
    }

    /// The secret of an epoch, which tells nothing of others.
    byte[] ofEpoch(long epoch) {
        return Hkdf.expand(bytes, "relay retry " + epoch, BYTES);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RetrySecret that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "RetrySecret";
    }
}
