package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.wire.Varint;

/// Writes DATA frames (RFC 9114, section 7.2.1) and FIN to a request stream.
///
/// It writes below Netty's frame codec, which would cost two buffers and two native calls a frame.
/// FIN goes through the stream's own write queue: `shutdownOutput()` and `close()` would overtake
/// what waits there and cut the message short without anybody noticing. Confined to the event loop
/// of the stream.
final class H3StreamWriter {
    private static final int DATA_FRAME = 0x00;
    private static final int MAX_FRAME_HEADER = 9;

    /// Up to here copying is cheaper than a second native call.
    private static final int COPY_LIMIT = 4096;

    private final QuicStreamChannel channel;
    private final ChannelFutureListener onFailure;

    /// @param onFailure runs after each write; the peer's STOP_SENDING is only seen there, as a
    ///   failure
    H3StreamWriter(QuicStreamChannel channel, ChannelFutureListener onFailure) {
        this.channel = channel;
        this.onFailure = onFailure;
    }

    /// One DATA frame around `content`, which is consumed.
    void data(ByteBuf content) {
        int length = content.readableBytes();
        ByteBuf frame;
        if (length <= COPY_LIMIT) {
            frame = channel.alloc().directBuffer(MAX_FRAME_HEADER + length);
            writeHeader(frame, length);
            frame.writeBytes(content);
            content.release();
        } else {
            var header = channel.alloc().directBuffer(MAX_FRAME_HEADER);
            writeHeader(header, length);
            frame = Unpooled.wrappedUnmodifiableBuffer(header, content);
        }
        write(frame);
    }

    private static void writeHeader(ByteBuf out, int length) {
        out.writeByte(DATA_FRAME);
        Varint.write(out, length);
    }

    /// FIN, once everything before it is sent, on an empty DATA frame: quiche forgets a stream
    /// without having sent a bare FIN when the peer, which has ended its side, acknowledges all
    /// bytes first.
    void fin() {
        var empty = channel.alloc().directBuffer(2);
        writeHeader(empty, 0);
        write(new DefaultQuicStreamFrame(empty, true));
    }

    private void write(Object message) {
        ChannelPromise promise = channel.newPromise();
        promise.addListener(onFailure);
        channel.pipeline().firstContext().write(message, promise);
    }

    /// RESET_STREAM and STOP_SENDING; `close()` alone would be a clean FIN.
    void reset(ResetCause cause) {
        channel.shutdown(cause.h3Code(), channel.newPromise());
        channel.close();
    }
}
