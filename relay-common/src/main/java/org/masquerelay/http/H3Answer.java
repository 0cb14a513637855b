package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.ResetCause;

/// Final answers on a request stream. Confined to the event loop of the stream.
final class H3Answer {
    private H3Answer() {}

    static void head(QuicStreamChannel stream, int status, HeaderFields fields) {
        stream.write(new DefaultHttp3HeadersFrame(H3Heads.response(status, fields)));
    }

    /// Answers a refusal and ends the stream; `handler`, which read the request so far, is
    /// replaced.
    static void refuse(
            QuicStreamChannel stream, ChannelHandler handler, String identifier, Refusal refusal) {
        var fields = refusal.fields().with("proxy-status", refusal.proxyStatus(identifier));
        head(stream, refusal.status(), fields);
        end(stream, handler);
    }

    /// Ends our side of the stream and reads the other to its end; `handler` is replaced.
    static void end(QuicStreamChannel stream, ChannelHandler handler) {
        // Through the write queue: shutdownOutput() would overtake what waits there.
        new H3StreamWriter(stream, _ -> {}).fin();
        stream.pipeline().replace(handler, "discard", new Discard(stream));
        stream.config().setAutoRead(true);
    }

    /// Reads a little of what still comes after the answer and throws it away: only a stream whose
    /// FIN was read is forgotten by the QUIC layer.
    private static final class Discard extends ChannelInboundHandlerAdapter {
        /// In bytes; a client that sends more after the answer is cut off.
        private static final int MAX_DISCARDED = 64 * 1024;

        private final QuicStreamChannel stream;
        private int discarded;

        Discard(QuicStreamChannel stream) {
            this.stream = stream;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http3DataFrame frame) {
                ByteBuf content = frame.content();
                discarded += content.readableBytes();
            }
            ReferenceCountUtil.release(message);
            if (discarded > MAX_DISCARDED) {
                new H3StreamWriter(stream, _ -> {}).reset(ResetCause.CANCELLED);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            new H3StreamWriter(stream, _ -> {}).reset(ResetCause.CANCELLED);
        }
    }
}
