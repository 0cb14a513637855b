package org.masquerelay.token.issuance;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// The encoding of a message before it is signed, with SHA-384 and MGF1 with SHA-384 ([RFC 8017,
/// section 9.1.1](https://datatracker.ietf.org/doc/html/rfc8017#section-9.1.1)).
///
/// The JDK encodes only inside its own signatures; a blind signature needs the step by itself.
final class EmsaPss {
    private static final int HASH_LENGTH = 48;
    private static final int TRAILER = 0xbc;

    private EmsaPss() {}

    /// `bits` is one less than the length of the modulus.
    static byte[] encode(byte[] message, byte[] salt, int bits) {
        int length = (bits + 7) / 8;
        int dataLength = length - HASH_LENGTH - 1;
        if (dataLength < salt.length + 2) {
            throw new IllegalArgumentException(
                    "bits: " + bits + " (expected: room for hash and salt)");
        }
        var sha384 = sha384();
        byte[] messageHash = sha384.digest(message);
        sha384.update(new byte[8]);
        sha384.update(messageHash);
        byte[] hash = sha384.digest(salt);

        byte[] data = new byte[dataLength];
        data[dataLength - salt.length - 1] = 0x01;
        System.arraycopy(salt, 0, data, dataLength - salt.length, salt.length);
        byte[] mask = mgf1(hash, dataLength);
        for (int i = 0; i < dataLength; i++) {
            data[i] ^= mask[i];
        }
        data[0] &= (byte) (0xff >>> (8 * length - bits));
        return ByteBuffer.allocate(length).put(data).put(hash).put((byte) TRAILER).array();
    }

    /// RFC 8017, appendix B.2.1.
    private static byte[] mgf1(byte[] seed, int length) {
        int blocks = (length + HASH_LENGTH - 1) / HASH_LENGTH;
        var mask = ByteBuffer.allocate(blocks * HASH_LENGTH);
        var sha384 = sha384();
        for (int counter = 0; counter < blocks; counter++) {
            sha384.update(seed);
            sha384.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, counter));
            mask.put(sha384.digest());
        }
        return Arrays.copyOf(mask.array(), length);
    }

    private static MessageDigest sha384() {
        try {
            return MessageDigest.getInstance("SHA-384");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-384 is missing from this JDK", e);
        }
    }
}
