package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.concurrent.Ticker;

/// What a client may send beside its requests (RFC 9113, section 10.5), on top of the limits of
/// [H2Codec]. A client that goes beyond gets GOAWAY with ENHANCE_YOUR_CALM, and nothing more of it
/// is read. Confined to the event loop of its connection.
final class H2FrameBounds extends Http2FrameListenerDecorator {
    /// PING, SETTINGS, PRIORITY and GOAWAY frames in ten seconds.
    private static final int MAX_CONTROL_FRAMES = 200;

    /// A frame below this many bytes that has to wait is copied: it is a slice of what was read
    /// from the socket in one go, all of which would wait with it.
    private static final int COPIED = 8 * 1024;

    private final FloodGuard controlFrames =
            new FloodGuard(MAX_CONTROL_FRAMES, Ticker.systemTicker());
    private final H2Backlog backlog;

    private H2FrameBounds(Http2FrameListener listener, H2Backlog backlog) {
        super(listener);
        this.backlog = backlog;
    }

    /// Puts itself between the decoder of `codec` and what listens to it.
    static void install(Http2FrameCodec codec, H2Backlog backlog) {
        var decoder = codec.decoder();
        decoder.frameListener(new H2FrameBounds(decoder.frameListener(), backlog));
    }

    private static Http2Exception calm(String details) {
        return Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, details);
    }

    private void count() throws Http2Exception {
        if (controlFrames.isFlooded()) {
            throw calm("too many frames that carry nothing");
        }
    }

    @Override
    public int onDataRead(
            ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream)
            throws Http2Exception {
        int bytes = data.readableBytes();
        boolean waits = backlog.isWaiting(streamId);
        backlog.arrived(streamId, bytes);
        if (backlog.isFlooded()) {
            throw calm("too many small frames");
        }
        if (!waits || bytes >= COPIED) {
            return super.onDataRead(ctx, streamId, data, padding, endOfStream);
        }
        var copy = ctx.alloc().buffer(bytes).writeBytes(data, data.readerIndex(), bytes);
        try {
            return super.onDataRead(ctx, streamId, copy, padding, endOfStream);
        } finally {
            copy.release();
        }
    }

    @Override
    public void onPriorityRead(
            ChannelHandlerContext ctx,
            int streamId,
            int streamDependency,
            short weight,
            boolean exclusive)
            throws Http2Exception {
        count();
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
            throws Http2Exception {
        count();
        super.onSettingsRead(ctx, settings);
    }

    @Override
    public void onSettingsAckRead(ChannelHandlerContext ctx) throws Http2Exception {
        count();
        super.onSettingsAckRead(ctx);
    }

    @Override
    public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
        count();
        super.onPingRead(ctx, data);
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
        count();
        super.onPingAckRead(ctx, data);
    }

    @Override
    public void onGoAwayRead(
            ChannelHandlerContext ctx, int lastStreamId, long errorCode, ByteBuf debugData)
            throws Http2Exception {
        count();
        super.onGoAwayRead(ctx, lastStreamId, errorCode, debugData);
    }

    // RFC 9113, section 5.5: frames of unknown types are ignored. No window bounds them, so they
    // must not wait for a stream that does not read.
    @Override
    public void onUnknownFrame(
            ChannelHandlerContext ctx,
            byte frameType,
            int streamId,
            Http2Flags flags,
            ByteBuf payload) {}
}
