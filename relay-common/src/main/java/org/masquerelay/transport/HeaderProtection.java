package org.masquerelay.transport;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Header protection of QUIC packets in one direction ([RFC 9001, section
/// 5.4](https://datatracker.ietf.org/doc/html/rfc9001#section-5.4)). Confined to a thread.
abstract sealed class HeaderProtection {
    static final int SAMPLE_BYTES = 16;
    static final int MASK_BYTES = 5;

    /// The mask for a packet.
    ///
    /// @param sample [#SAMPLE_BYTES] of its ciphertext
    /// @return at least [#MASK_BYTES], valid until the next call
    abstract byte[] mask(byte[] sample);

    /// AES in either length (section 5.4.3).
    static HeaderProtection aes(byte[] key) {
        return new Aes(key);
    }

    /// ChaCha20 (section 5.4.4).
    static HeaderProtection chaCha20(byte[] key) {
        return new ChaCha20(key);
    }

    private static final class Aes extends HeaderProtection {
        private final Cipher cipher;
        private final byte[] mask = new byte[SAMPLE_BYTES];

        Aes(byte[] key) {
            try {
                cipher = Cipher.getInstance("AES/ECB/NoPadding");
                cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java has AES", e);
            }
        }

        @Override
        byte[] mask(byte[] sample) {
            try {
                cipher.update(sample, 0, SAMPLE_BYTES, mask, 0);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES fails for a block", e);
            }
            return mask;
        }
    }

    private static final class ChaCha20 extends HeaderProtection {
        private static final int COUNTER_BYTES = 4;

        private final Cipher cipher;
        private final SecretKeySpec key;
        private final byte[] zeros = new byte[MASK_BYTES];

        ChaCha20(byte[] key) {
            this.key = new SecretKeySpec(key, "ChaCha20");
            try {
                cipher = Cipher.getInstance("ChaCha20");
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java has ChaCha20", e);
            }
        }

        @Override
        byte[] mask(byte[] sample) {
            int counter =
                    (sample[0] & 0xff)
                            | (sample[1] & 0xff) << 8
                            | (sample[2] & 0xff) << 16
                            | (sample[3] & 0xff) << 24;
            var nonce = Arrays.copyOfRange(sample, COUNTER_BYTES, SAMPLE_BYTES);
            try {
                // Both directions are the same. To encrypt, the cipher would refuse a nonce that
                // comes twice in a row, and senders choose their samples.
                cipher.init(Cipher.DECRYPT_MODE, key, new ChaCha20ParameterSpec(nonce, counter));
                return cipher.doFinal(zeros);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("ChaCha20 fails for five bytes", e);
            }
        }
    }
}
