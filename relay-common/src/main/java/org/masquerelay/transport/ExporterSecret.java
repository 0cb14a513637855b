package org.masquerelay.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.masquerelay.tunnel.KeyExporter;

/// The exporter of a TLS 1.3 connection, from its `exporter_master_secret` ([RFC 8446, section
/// 7.5](https://datatracker.ietf.org/doc/html/rfc8446#section-7.5)).
///
/// Immutable, for any thread.
final class ExporterSecret implements KeyExporter {
    /// The label of the key log (RFC 9850, section 2.1). EARLY_EXPORTER_SECRET is another one, and
    /// nothing here accepts early data.
    private static final String LABEL = "EXPORTER_SECRET ";

    private static final String TLS13 = "tls13 ";
    private static final int SHA256_BYTES = 32;
    private static final int SHA384_BYTES = 48;

    /// What the one byte of its length can say (RFC 8446, section 7.1), in bytes.
    private static final int MAX_LABEL = 255;

    private final SecretKey secret;
    private final String kdf;
    private final String hash;
    private final int hashBytes;

    private ExporterSecret(byte[] secret, String hash) {
        this.secret = new SecretKeySpec(secret, "Generic");
        this.hash = hash;
        this.hashBytes = secret.length;
        this.kdf = "HKDF-" + hash.replace("-", "");
    }

    /// The hash is that of the cipher suite, which the length of the secret tells: TLS 1.3 has only
    /// suites of SHA-256 and SHA-384.
    static ExporterSecret of(byte[] secret) {
        return switch (secret.length) {
            case SHA256_BYTES -> new ExporterSecret(secret, "SHA-256");
            case SHA384_BYTES -> new ExporterSecret(secret, "SHA-384");
            default ->
                    throw new IllegalArgumentException(
                            "secret: " + secret.length + " bytes (expected: 32 or 48)");
        };
    }

    /// The secret of a line of the NSS key log, if it is the one.
    static Optional<ExporterSecret> parse(String line) {
        int last = line.lastIndexOf(' ');
        if (!line.startsWith(LABEL) || last < LABEL.length()) {
            return Optional.empty();
        }
        return Optional.of(of(HexFormat.of().parseHex(line.substring(last + 1).strip())));
    }

    @Override
    public Optional<byte[]> export(String label, byte[] context, int length) {
        try {
            var derived =
                    new SecretKeySpec(
                            expandLabel(secret, label, digest(new byte[0]), hashBytes), "Generic");
            return Optional.of(expandLabel(derived, "exporter", digest(context), length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(kdf + " does not work here", e);
        }
    }

    private byte[] digest(byte[] bytes) throws GeneralSecurityException {
        return MessageDigest.getInstance(hash).digest(bytes);
    }

    /// HKDF-Expand-Label (RFC 8446, section 7.1).
    private byte[] expandLabel(SecretKey key, String label, byte[] context, int length)
            throws GeneralSecurityException {
        var full = (TLS13 + label).getBytes(StandardCharsets.US_ASCII);
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
        return KDF.getInstance(kdf)
                .deriveData(HKDFParameterSpec.expandOnly(key, info.array(), length));
    }

    @Override
    public String toString() {
        return "ExporterSecret";
    }
}
