package org.masquerelay.ingress.upstream;

import java.time.Duration;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// Where the egress is and how connections to it are pooled.
///
/// @param authority host and port of the egress
/// @param udpTemplate the egress's URI template for connect-udp
/// @param connectTimeout from the first packet to the peer's SETTINGS
/// @param pooled false gives every tunnel a connection of its own
/// @param idleTimeout a pooled connection without tunnels for so long is closed
/// @param maxStreams tunnels on one connection at a time; 0 leaves it to the peer's stream limit
/// @param maxConnections connections per event loop; with all of them full, tunnels are refused
/// @param maxTunnelsPerLifetime after so many tunnels a connection is retired
/// @param maxAge after so long a connection is retired
/// @param udpIdle a UDP tunnel without any datagram for so long is ended
/// @param tcpIdle a TCP tunnel without any byte for so long is ended
/// @param connection QUIC windows, limits and timeouts
public record UpstreamSettings(
        HostPort authority,
        UriTemplate udpTemplate,
        Duration connectTimeout,
        boolean pooled,
        Duration idleTimeout,
        int maxStreams,
        int maxConnections,
        long maxTunnelsPerLifetime,
        Duration maxAge,
        Duration udpIdle,
        Duration tcpIdle,
        ConnectionSettings connection) {}
