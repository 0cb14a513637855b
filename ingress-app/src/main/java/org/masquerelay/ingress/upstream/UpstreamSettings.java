package org.masquerelay.ingress.upstream;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.http.ConnectTcp;
import org.masquerelay.http.NextHop;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// Where the egress is and how connections to it are pooled.
///
/// @param authority host and port of the egress
/// @param udpTemplate the egress's URI template for connect-udp
/// @param tcpTemplate the egress's URI template of connect-tcp, used over HTTP/1.1
/// @param tcpForm the form of connect-tcp it speaks
/// @param transports the HTTP versions to reach it by, the preferred one first
/// @param connectTimeout from the first packet to the peer's SETTINGS
/// @param pooled false gives every tunnel a connection of its own
/// @param idleTimeout a pooled connection without tunnels for so long is closed
/// @param maxStreams tunnels on one connection at a time; 0 leaves it to the peer's stream limit
/// @param maxConnections connections per event loop; with all of them full, tunnels are refused
/// @param maxTunnelsPerLifetime after so many tunnels a connection is retired
/// @param maxAge after so long a connection is retired
/// @param udpIdle a UDP tunnel without any datagram for so long is ended
/// @param tcpIdle a TCP tunnel without any byte for so long is ended
/// @param connection windows, limits and timeouts of the connections
/// @param capsules what becomes of capsules that come from the egress
public record UpstreamSettings(
        HostPort authority,
        UriTemplate udpTemplate,
        UriTemplate tcpTemplate,
        ConnectTcp.Form tcpForm,
        List<HttpVersion> transports,
        Duration connectTimeout,
        boolean pooled,
        Duration idleTimeout,
        int maxStreams,
        int maxConnections,
        long maxTunnelsPerLifetime,
        Duration maxAge,
        Duration udpIdle,
        Duration tcpIdle,
        ConnectionSettings connection,
        CapsulePolicy capsules) {
    public UpstreamSettings {
        transports = List.copyOf(transports);
    }

    /// The egress at one of its addresses.
    NextHop hop(InetSocketAddress address) {
        return new NextHop(address, authority, udpTemplate, tcpTemplate, tcpForm);
    }
}
