package org.masquerelay.transport;

import java.util.HexFormat;
import java.util.Optional;

/// Lines of a TLS key log (RFC 9850, section 2): a label, a random of the client, and a secret.
final class KeyLog {
    private KeyLog() {}

    /// The secret, if the label is this one.
    static Optional<byte[]> secret(String line, String label) {
        int first = line.indexOf(' ');
        int last = line.lastIndexOf(' ');
        if (first == last || !line.substring(0, first).equals(label)) {
            return Optional.empty();
        }
        return Optional.of(HexFormat.of().parseHex(line.substring(last + 1).strip()));
    }
}
