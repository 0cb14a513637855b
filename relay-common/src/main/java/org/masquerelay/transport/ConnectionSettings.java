package org.masquerelay.transport;

import java.time.Duration;

/// How the QUIC connections of one hop behave.
///
/// @param maxUdpPayload bytes of the UDP payloads sent; 1200 could not carry an inner QUIC Initial
/// @param streamWindow bytes a stream may have in flight towards us before we read
/// @param connectionWindow the same for a whole connection
/// @param maxStreams concurrent requests a peer may have open
/// @param idleTimeout a connection without any packet for so long is closed
/// @param quic how a listener treats packets of nobody in particular
public record ConnectionSettings(
        int maxUdpPayload,
        long streamWindow,
        long connectionWindow,
        long maxStreams,
        Duration idleTimeout,
        QuicSettings quic) {
    public static final ConnectionSettings STANDARD =
            new ConnectionSettings(1350, 1 << 20, 16 << 20, 512, Duration.ofSeconds(30));

    public ConnectionSettings(
            int maxUdpPayload,
            long streamWindow,
            long connectionWindow,
            long maxStreams,
            Duration idleTimeout) {
        this(
                maxUdpPayload,
                streamWindow,
                connectionWindow,
                maxStreams,
                idleTimeout,
                QuicSettings.STANDARD);
    }

    /// Bytes of the longest connection ID of a listener's own that these leave room for.
    public int longestConnectionId() {
        return ParameterSpace.longestConnectionId(this);
    }

    public ConnectionSettings with(QuicSettings other) {
        return new ConnectionSettings(
                maxUdpPayload, streamWindow, connectionWindow, maxStreams, idleTimeout, other);
    }

    public ConnectionSettings withMaxUdpPayload(int bytes) {
        return new ConnectionSettings(
                bytes, streamWindow, connectionWindow, maxStreams, idleTimeout, quic);
    }

    public ConnectionSettings withMaxStreams(long streams) {
        return new ConnectionSettings(
                maxUdpPayload, streamWindow, connectionWindow, streams, idleTimeout, quic);
    }

    public ConnectionSettings withIdleTimeout(Duration timeout) {
        return new ConnectionSettings(
                maxUdpPayload, streamWindow, connectionWindow, maxStreams, timeout, quic);
    }
}
