package org.masquerelay.transport;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import org.masquerelay.tunnel.KeyExporter;

/// The exporter of a TLS 1.3 connection, from its `exporter_master_secret` ([RFC 8446, section
/// 7.5](https://datatracker.ietf.org/doc/html/rfc8446#section-7.5)).
///
/// Immutable, for any thread.
final class ExporterSecret implements KeyExporter {
    /// The label of the key log (RFC 9850, section 2.1). EARLY_EXPORTER_SECRET is another one, and
    /// nothing here accepts early data.
    private static final String LABEL = "EXPORTER_SECRET";

    private final byte[] secret;
    private final String hash;

    private ExporterSecret(byte[] secret) {
        this.secret = secret;
        this.hash = Hkdf.hashOf(secret);
    }

    static ExporterSecret of(byte[] secret) {
        return new ExporterSecret(secret.clone());
    }

    /// The secret of a line of a key log, if it is the one.
    static Optional<ExporterSecret> parse(String line) {
        return KeyLog.secret(line, LABEL).map(ExporterSecret::new);
    }

    @Override
    public Optional<byte[]> export(String label, byte[] context, int length) {
        var derived = Hkdf.expandLabel(secret, label, digest(new byte[0]), secret.length);
        return Optional.of(Hkdf.expandLabel(derived, "exporter", digest(context), length));
    }

    private byte[] digest(byte[] bytes) {
        try {
            return MessageDigest.getInstance(hash).digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(hash + " does not work here", e);
        }
    }

    @Override
    public String toString() {
        return "ExporterSecret";
    }
}
