package org.masquerelay.http;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;

/// Ends what goes wrong on the unidirectional streams of a peer, behind the HTTP/3 codec of a
/// connection.
///
/// The codec closes the connection where it has to, and passes the exception on. At the end of the
/// pipeline Netty would log it with its trace: a hostile peer could fill the log.
@Sharable
final class QuietStreams extends ChannelInboundHandlerAdapter {
    static final QuietStreams INSTANCE = new QuietStreams();

    private static final Quiet QUIET = new Quiet();

    private QuietStreams() {}

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof QuicStreamChannel stream
                && stream.type() == QuicStreamType.UNIDIRECTIONAL) {
            stream.pipeline().addLast(QUIET);
        }
        ctx.fireChannelRead(message);
    }

    @Sharable
    private static final class Quiet extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // The codec has acted on it. Behind this is only what it adds to a control stream.
            if (!ctx.equals(ctx.pipeline().lastContext())) {
                ctx.fireExceptionCaught(cause);
            }
        }
    }
}
