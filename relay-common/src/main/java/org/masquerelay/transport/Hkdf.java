package org.masquerelay.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Keys from keys: HKDF (RFC 5869).
final class Hkdf {
    private static final String TLS13 = "tls13 ";

    /// What the one byte of its length can say (RFC 8446, section 7.1), in bytes.
    private static final int MAX_LABEL = 255;

    private static final int SHA256_BYTES = 32;
    private static final int SHA384_BYTES = 48;

    private Hkdf() {}

    /// `length` bytes for the use that `info` names, by SHA-256.
    static byte[] expand(byte[] material, String info, int length) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(
                            HKDFParameterSpec.ofExtract()
                                    .addIKM(material)
                                    .thenExpand(info.getBytes(UTF_8), length));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java has HKDF-SHA256", missing);
        }
    }

    /// HKDF-Expand-Label of TLS 1.3 (RFC 8446, section 7.1), with the hash of the secret's cipher
    /// suite, which its length tells: there are only suites of SHA-256 and SHA-384.
    ///
    /// @param secret of 32 or 48 bytes
    /// @param label in ASCII, at most 249 bytes
    static byte[] expandLabel(byte[] secret, String label, byte[] context, int length) {
        var full = (TLS13 + label).getBytes(US_ASCII);
        if (full.length > MAX_LABEL) {
            throw new IllegalArgumentException(
                    "label: " + full.length + " bytes (expected: at most 255 with its prefix)");
        }
        var info =
                ByteBuffer.allocate(2 + 1 + full.length + 1 + context.length)
                        .putShort((short) length)
                        .put((byte) full.length)
                        .put(full)
                        .put((byte) context.length)
                        .put(context);
        try {
            return KDF.getInstance("HKDF-" + hashOf(secret).replace("-", ""))
                    .deriveData(
                            HKDFParameterSpec.expandOnly(
                                    new SecretKeySpec(secret, "Generic"), info.array(), length));
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java has HKDF", missing);
        }
    }

    /// The hash of the cipher suite that a secret of TLS 1.3 belongs to.
    static String hashOf(byte[] secret) {
        return switch (secret.length) {
            case SHA256_BYTES -> "SHA-256";
            case SHA384_BYTES -> "SHA-384";
            default ->
                    throw new IllegalArgumentException(
                            "secret: " + secret.length + " bytes (expected: 32 or 48)");
        };
    }
}
