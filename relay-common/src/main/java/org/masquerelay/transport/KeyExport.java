package org.masquerelay.transport;

/// Whether secrets can be exported from the TLS connections of an endpoint; see [KeyExporters].
public enum KeyExport {
    OFF,
    /// Over TCP, TLS is the JDK's, whatever was asked for. Over QUIC each handshake also hands its
    /// secrets over as text, most of it thrown away: some microseconds and a few hundred bytes.
    ON;

    /// Whose TLS over TCP it takes where `wanted` is asked for: BoringSSL has an exporter, and
    /// Netty has neither a way to it nor to its key log.
    TlsProvider on(TlsProvider wanted) {
        return this == ON ? TlsProvider.JDK : wanted;
    }
}
