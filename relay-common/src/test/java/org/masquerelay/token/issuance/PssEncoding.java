package org.masquerelay.token.issuance;

import org.masquerelay.token.BlindRsaKey;

/// The encoding of a message for a signature, for tests that sign without the blind protocol.
public final class PssEncoding {
    private PssEncoding() {}

    public static byte[] of(byte[] message, byte[] salt) {
        return EmsaPss.encode(message, salt, BlindRsaKey.MODULUS_BITS - 1);
    }
}
