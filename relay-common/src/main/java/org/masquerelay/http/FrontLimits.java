package org.masquerelay.http;

import java.time.Duration;

/// What one listener gives to clients at most.
///
/// @param maxTunnelsPerConnection a further tunnel of the connection is refused with 503
/// @param maxConnections connections of the whole listener, on each of UDP and TCP
/// @param maxConnectionsPerAddress connections of one IPv4 address or IPv6 /64, on each of UDP and
///   TCP
/// @param maxFieldSection bytes of a request's field section (RFC 9114, section 4.2.2)
/// @param maxFields field lines of a request; more are refused with 431
/// @param handshakeTimeout until the TLS handshake of a TCP connection is done
/// @param headTimeout until the head of a request is whole, and until the content of an ordinary
///   one is
/// @param idleTimeout a TCP connection without a request for so long is closed
/// @param quicIdleTimeout a QUIC connection without a request for so long is closed, however alive
public record FrontLimits(
        int maxTunnelsPerConnection,
        int maxConnections,
        int maxConnectionsPerAddress,
        int maxFieldSection,
        int maxFields,
        Duration handshakeTimeout,
        Duration headTimeout,
        Duration idleTimeout,
        Duration quicIdleTimeout) {
    public static final FrontLimits STANDARD =
            new FrontLimits(
                    256,
                    10_000,
                    1_000,
                    32 * 1024,
                    100,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(600));

    public FrontLimits withTunnels(int perConnection) {
        return new FrontLimits(
                perConnection,
                maxConnections,
                maxConnectionsPerAddress,
                maxFieldSection,
                maxFields,
                handshakeTimeout,
                headTimeout,
                idleTimeout,
                quicIdleTimeout);
    }

    public FrontLimits withConnections(int all, int perAddress) {
        return new FrontLimits(
                maxTunnelsPerConnection,
                all,
                perAddress,
                maxFieldSection,
                maxFields,
                handshakeTimeout,
                headTimeout,
                idleTimeout,
                quicIdleTimeout);
    }

    public FrontLimits withFields(int section, int fields) {
        return new FrontLimits(
                maxTunnelsPerConnection,
                maxConnections,
                maxConnectionsPerAddress,
                section,
                fields,
                handshakeTimeout,
                headTimeout,
                idleTimeout,
                quicIdleTimeout);
    }

    public FrontLimits withTimeouts(Duration handshake, Duration head, Duration idle) {
        return new FrontLimits(
                maxTunnelsPerConnection,
                maxConnections,
                maxConnectionsPerAddress,
                maxFieldSection,
                maxFields,
                handshake,
                head,
                idle,
                quicIdleTimeout);
    }

    public FrontLimits withQuicIdleTimeout(Duration timeout) {
        return new FrontLimits(
                maxTunnelsPerConnection,
                maxConnections,
                maxConnectionsPerAddress,
                maxFieldSection,
                maxFields,
                handshakeTimeout,
                headTimeout,
                idleTimeout,
                timeout);
    }
}
