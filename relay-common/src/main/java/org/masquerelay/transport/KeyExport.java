package org.masquerelay.transport;

/// Whether secrets can be exported from the TLS connections of an endpoint; see [KeyExporters].
public enum KeyExport {
    OFF,
    /// Over TCP, TLS is the JDK's, whatever was asked for. Over QUIC each handshake also hands its
    /// secrets over as text, most of it thrown away: some microseconds and a few hundred bytes.
    ON
}
