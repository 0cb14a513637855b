package org.masquerelay.http;

import java.net.InetSocketAddress;
import java.util.List;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.wire.UriTemplate;

/// How one HTTP/3 listener behaves.
///
/// @param name the `listener` tag of meters
/// @param identifier how this relay calls itself in Proxy-Status
/// @param address where to listen; port 0 takes a free one
/// @param udpTemplates the URI templates of connect-udp, each with `target_host` and `target_port`
/// @param maxTunnelsPerConnection a further tunnel of the connection is refused with 503
/// @param maxConnections connections of the whole listener
/// @param connection windows, limits and timeouts of each QUIC connection
/// @param clientCertificates whether a client has to show one
public record FrontSettings(
        String name,
        String identifier,
        InetSocketAddress address,
        List<UriTemplate> udpTemplates,
        int maxTunnelsPerConnection,
        int maxConnections,
        ConnectionSettings connection,
        ClientCertificates clientCertificates) {

    /// What a listener wants of a client's certificate.
    public enum ClientCertificates {
        /// None is asked for.
        IGNORED,
        /// Only a client whose certificate the trust anchors sign gets a connection.
        REQUIRED
    }
}
