package org.masquerelay.ingress.upstream;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.http.ConnectTcp;
import org.masquerelay.http.NextHop;
import org.masquerelay.http.Transports;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// How egresses are asked for tunnels, and how connections to them are pooled.
///
/// @param udpTemplate the egress's URI template for connect-udp
/// @param tcpTemplate the egress's URI template of connect-tcp, used over HTTP/1.1
/// @param tcpForm the form of connect-tcp it speaks
/// @param transports the HTTP versions to reach it by, the preferred one first
/// @param connectTimeout from the first packet to the peer's SETTINGS
/// @param pooled false gives every tunnel a connection of its own
/// @param idleTimeout a pooled connection without tunnels for so long is closed
/// @param maxStreams tunnels on one connection at a time; 0 leaves it to the peer's stream limit
/// @param maxConnections connections per event loop and egress; with all of them full, tunnels are
///   refused
/// @param maxTunnelsPerLifetime after so many tunnels a connection is retired
/// @param maxAge after so long a connection is retired
/// @param udpIdle a UDP tunnel without any datagram for so long is ended
/// @param tcpIdle a TCP tunnel without any byte for so long is ended
/// @param drain a TCP tunnel whose client has finished and lost its connection ends after so long
/// @param exposeNextHop whether clients see which address the egress has dialled
/// @param connection windows, limits and timeouts of the connections
/// @param capsules what becomes of capsules that come from the egress
public record UpstreamSettings(
        UriTemplate udpTemplate,
        UriTemplate tcpTemplate,
        ConnectTcp.Form tcpForm,
        Transports transports,
        Duration connectTimeout,
        boolean pooled,
        Duration idleTimeout,
        int maxStreams,
        int maxConnections,
        long maxTunnelsPerLifetime,
        Duration maxAge,
        Duration udpIdle,
        Duration tcpIdle,
        Duration drain,
        boolean exposeNextHop,
        ConnectionSettings connection,
        CapsulePolicy capsules) {
    /// What an ingress has whose operator says nothing else.
    public static final UpstreamSettings STANDARD =
            new UpstreamSettings(
                    UriTemplate.UDP,
                    UriTemplate.TCP,
                    ConnectTcp.DRAFTS.getFirst(),
                    Transports.H3,
                    Duration.ofSeconds(5),
                    true,
                    Duration.ofSeconds(60),
                    240,
                    16,
                    10_000,
                    Duration.ofHours(1),
                    Duration.ofSeconds(150),
                    Duration.ofMinutes(130),
                    Duration.ofSeconds(10),
                    false,
                    ConnectionSettings.STANDARD,
                    CapsulePolicy.STANDARD);

    /// Dials under way at a time where every tunnel needs a connection of its own.
    private static final int PARALLEL_DIALS = 32;

    public UpstreamSettings with(Transports other) {
        return with(other, exposeNextHop, connection);
    }

    public UpstreamSettings with(
            Transports otherTransports, boolean exposed, ConnectionSettings otherConnection) {
        return new UpstreamSettings(
                udpTemplate,
                tcpTemplate,
                tcpForm,
                otherTransports,
                connectTimeout,
                pooled,
                idleTimeout,
                maxStreams,
                maxConnections,
                maxTunnelsPerLifetime,
                maxAge,
                udpIdle,
                tcpIdle,
                drain,
                exposed,
                otherConnection,
                capsules);
    }

    /// Whether a connection carries one tunnel and no more, as those of HTTP/1.1 do. `last` is the
    /// version of the newest connection, or null before the first.
    private boolean isOneTunnelEach(@Nullable HttpVersion last) {
        var version = last == null ? transports.entries().getFirst().version() : last;
        return !pooled || version == HttpVersion.H1;
    }

    int parallelDials(@Nullable HttpVersion last) {
        return isOneTunnelEach(last) ? PARALLEL_DIALS : 1;
    }

    /// Connections at a time. Those of one tunnel each may be as many as the tunnels that as many
    /// shared connections would carry.
    long connectionLimit(@Nullable HttpVersion last) {
        return pooled && isOneTunnelEach(last)
                ? (long) maxConnections * Math.max(1, maxStreams)
                : maxConnections;
    }

    /// An egress at one of its addresses.
    NextHop hop(HostPort authority, InetSocketAddress address) {
        return new NextHop(address, authority, udpTemplate, tcpTemplate, tcpForm);
    }
}
