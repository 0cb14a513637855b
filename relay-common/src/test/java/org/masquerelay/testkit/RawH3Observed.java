package org.masquerelay.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http3.DefaultHttp3SettingsFrame;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3GoAwayFrame;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/// What comes in on the connection of a [RawH3Client].
final class RawH3Observed {
    final CompletableFuture<Http3Settings> settings = new CompletableFuture<>();
    final CompletableFuture<Long> goAway = new CompletableFuture<>();
    final CompletableFuture<Integer> closeCode = new CompletableFuture<>();
    final BlockingQueue<byte[]> datagrams = new LinkedBlockingQueue<>();

    /// Puts the listening handlers, and HTTP/3 if `settings` are given, onto a connection.
    ChannelHandler setup(@Nullable Http3Settings settings) {
        return new ChannelInitializer<QuicChannel>() {
            @Override
            protected void initChannel(QuicChannel channel) {
                channel.closeFuture().addListener(_ -> closeCode.complete(-1));
                if (settings != null) {
                    channel.pipeline()
                            .addLast(
                                    new Http3ClientConnectionHandler(
                                            new ControlStream(),
                                            null,
                                            null,
                                            new DefaultHttp3SettingsFrame(settings),
                                            true));
                }
                channel.pipeline().addLast(new Connection());
            }
        };
    }

    /// Takes down the server's SETTINGS and GOAWAY.
    private final class ControlStream extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof DefaultHttp3SettingsFrame frame) {
                RawH3Observed.this.settings.complete(frame.settings());
            } else if (message instanceof Http3GoAwayFrame frame) {
                goAway.complete(frame.id());
            }
            ReferenceCountUtil.release(message);
        }
    }

    /// Takes down datagrams and the end.
    private final class Connection extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf datagram) {
                datagrams.add(ByteBufUtil.getBytes(datagram));
                datagram.release();
            } else {
                ctx.fireChannelRead(message);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof QuicConnectionCloseEvent close) {
                closeCode.complete(close.error());
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // The test looks at how the connection ended.
        }
    }
}
