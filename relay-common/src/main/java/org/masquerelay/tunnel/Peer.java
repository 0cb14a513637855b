package org.masquerelay.tunnel;

import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/// Who is at the other end of the connection a request came over.
///
/// @param address where its packets come from; never logged together with a target
/// @param certificates the verified TLS client certificate chain, leaf first; empty without one
/// @param revoked whether it has shown a certificate that is left out only because it is revoked
/// @param listener the name of the listener that accepted the connection
/// @param exporter what both ends of the TLS connection can derive; empty where the listener has no
///   use for it
public record Peer(
        SocketAddress address,
        List<X509Certificate> certificates,
        boolean revoked,
        String listener,
        HttpVersion version,
        Optional<KeyExporter> exporter) {

    /// Without an exporter.
    public Peer(
            SocketAddress address,
            List<X509Certificate> certificates,
            String listener,
            HttpVersion version) {
        this(address, certificates, listener, version, Optional.empty());
    }

    /// With no certificate that is revoked.
    public Peer(
            SocketAddress address,
            List<X509Certificate> certificates,
            String listener,
            HttpVersion version,
            Optional<KeyExporter> exporter) {
        this(address, certificates, false, listener, version, exporter);
    }

    /// The same as if it had shown no certificate, or one that is revoked.
    public Peer withoutCertificates(boolean nowRevoked) {
        return new Peer(address, List.of(), nowRevoked, listener, version, exporter);
    }
}
