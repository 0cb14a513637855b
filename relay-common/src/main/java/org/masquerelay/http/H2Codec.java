package org.masquerelay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Settings;
import java.time.Duration;
import org.masquerelay.transport.ConnectionSettings;

/// The frame codec of HTTP/2 connections, within bounds that no peer of good will meets.
final class H2Codec {
    /// RFC 9113, section 6.9.2: what a connection's window starts with, in bytes.
    private static final int INITIAL_CONNECTION_WINDOW = 65_535;

    /// DATA frames without content and without END_STREAM in a row.
    private static final int MAX_EMPTY_DATA_FRAMES = 64;

    /// CONTINUATION frames of a few bytes in a row.
    private static final int MAX_SMALL_CONTINUATIONS = 16;

    /// Frames that we owe the peer: acknowledgements and resets.
    private static final int MAX_QUEUED_CONTROL_FRAMES = 1_000;

    private static final int RESET_WINDOW_SECONDS = 30;

    /// RST_STREAM frames in [#RESET_WINDOW_SECONDS], in either direction, for each stream that may
    /// be open at a time.
    private static final int RESETS_PER_STREAM = 4;

    private static final int RELAYED_RESETS = 200;

    private static final int MAX_RESETS = 1_000_000;

    /// We trust the relay that we have dialled with the streams we have opened there.
    private static final int NO_LIMIT = 0;

    /// How long a connection that closes waits for its streams to end: tunnels do not end by
    /// themselves.
    private static final Duration LINGER = Duration.ofMillis(100);

    private H2Codec() {}

    /// The server side. A relay that is trusted carries the resets of many clients on one
    /// connection, so that it gets more of them.
    static Http2FrameCodec server(
            ConnectionSettings connection, int maxFieldSection, boolean isRelay) {
        int streams = isRelay ? RELAYED_RESETS : RESETS_PER_STREAM;
        return bounded(
                Http2FrameCodecBuilder.forServer()
                        .initialSettings(
                                settings(connection, maxFieldSection)
                                        .connectProtocolEnabled(true)
                                        .maxConcurrentStreams(connection.maxStreams())),
                (int) Math.min(streams * connection.maxStreams(), MAX_RESETS));
    }

    /// The client side.
    static Http2FrameCodec client(ConnectionSettings connection, int maxFieldSection) {
        return bounded(
                Http2FrameCodecBuilder.forClient()
                        .initialSettings(
                                settings(connection, maxFieldSection)
                                        .maxConcurrentStreams(0)
                                        .pushEnabled(false)),
                NO_LIMIT);
    }

    private static Http2Settings settings(ConnectionSettings connection, int maxFieldSection) {
        return Http2Settings.defaultSettings()
                .initialWindowSize((int) connection.streamWindow())
                .maxHeaderListSize(maxFieldSection);
    }

    private static Http2FrameCodec bounded(Http2FrameCodecBuilder builder, int resets) {
        return builder.validateHeaders(true)
                .decoderEnforceMaxConsecutiveEmptyDataFrames(MAX_EMPTY_DATA_FRAMES)
                .decoderEnforceMaxSmallContinuationFrames(MAX_SMALL_CONTINUATIONS)
                .decoderEnforceMaxRstFramesPerWindow(resets, RESET_WINDOW_SECONDS)
                .encoderEnforceMaxRstFramesPerWindow(resets, RESET_WINDOW_SECONDS)
                .encoderEnforceMaxQueuedControlFrames(MAX_QUEUED_CONTROL_FRAMES)
                .gracefulShutdownTimeoutMillis(LINGER.toMillis())
                .build();
    }

    /// Gives the peer the connection's window. `ctx` is of a handler behind the codec.
    static void openWindow(ChannelHandlerContext ctx, ConnectionSettings connection) {
        long more = connection.connectionWindow() - INITIAL_CONNECTION_WINDOW;
        if (more > 0) {
            ctx.writeAndFlush(
                    new DefaultHttp2WindowUpdateFrame((int) Math.min(more, Integer.MAX_VALUE)));
        }
    }
}
