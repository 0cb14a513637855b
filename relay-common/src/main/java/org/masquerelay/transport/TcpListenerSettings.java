package org.masquerelay.transport;

import io.netty.handler.ssl.ClientAuth;
import java.time.Duration;
import java.util.List;
import org.masquerelay.tunnel.HttpVersion;

/// How one TCP listener behaves.
///
/// @param versions what may be spoken after the handshake, the preferred one first: H2, H1
/// @param clientAuth whether clients are asked for a certificate, and have to show one
/// @param maxConnections connections of the whole listener; those in the handshake count
/// @param handshakeTimeout from accepting a connection to the end of its TLS handshake
/// @param keyExport whether [KeyExporters] knows its connections
public record TcpListenerSettings(
        TlsProvider provider,
        List<HttpVersion> versions,
        ClientAuth clientAuth,
        int maxConnections,
        Duration handshakeTimeout,
        KeyExport keyExport) {
    /// Without the export of keys.
    public TcpListenerSettings(
            TlsProvider provider,
            List<HttpVersion> versions,
            ClientAuth clientAuth,
            int maxConnections,
            Duration handshakeTimeout) {
        this(provider, versions, clientAuth, maxConnections, handshakeTimeout, KeyExport.OFF);
    }

    public TcpListenerSettings {
        versions = List.copyOf(versions);
    }
}
