package org.masquerelay.token.voprf;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// `expand_message_xmd` with SHA-384: as many uniform bytes as are wanted ([RFC 9380, section
/// 5.3.1](https://datatracker.ietf.org/doc/html/rfc9380#section-5.3.1)).
final class ExpandMessage {
    private static final int HASH_LENGTH = 48;
    private static final int BLOCK_LENGTH = 128;
    private static final int MAX_BLOCKS = 255;
    private static final int MAX_TAG_LENGTH = 255;

    private ExpandMessage() {}

    static byte[] expand(byte[] message, byte[] tag, int length) {
        int blocks = (length + HASH_LENGTH - 1) / HASH_LENGTH;
        if (blocks > MAX_BLOCKS || tag.length > MAX_TAG_LENGTH) {
            throw new IllegalArgumentException("length: " + length + " (expected: less)");
        }
        var sha384 = sha384();
        sha384.update(new byte[BLOCK_LENGTH]);
        sha384.update(message);
        sha384.update((byte) (length >> 8));
        sha384.update((byte) length);
        byte[] first = finish(sha384, 0, tag);
        byte[] last = new byte[HASH_LENGTH];
        var uniform = ByteBuffer.allocate(blocks * HASH_LENGTH);
        for (int index = 1; index <= blocks; index++) {
            for (int i = 0; i < HASH_LENGTH; i++) {
                last[i] ^= first[i];
            }
            sha384.update(last);
            last = finish(sha384, index, tag);
            uniform.put(last);
        }
        byte[] wanted = new byte[length];
        uniform.flip().get(wanted);
        return wanted;
    }

    private static byte[] finish(MessageDigest sha384, int index, byte[] tag) {
        sha384.update((byte) index);
        sha384.update(tag);
        return sha384.digest(new byte[] {(byte) tag.length});
    }

    static MessageDigest sha384() {
        try {
            return MessageDigest.getInstance("SHA-384");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-384 is missing from this JDK", e);
        }
    }
}
