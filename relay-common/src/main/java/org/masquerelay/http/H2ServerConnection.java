package org.masquerelay.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2PriorityFrame;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.transport.FlushAtEndOfTurn;
import org.masquerelay.tunnel.Peer;

/// One HTTP/2 connection of a client: what its streams share. Confined to its event loop.
final class H2ServerConnection extends FrontConnection {
    /// PING, SETTINGS and PRIORITY frames in ten seconds.
    private static final int MAX_CONTROL_FRAMES = 200;

    /// Requests that a client breaks off or garbles before we had all of their head, over the
    /// lifetime of its connection.
    private static final int MAX_BROKEN_REQUESTS = 1_000;

    private final SocketChannel channel;
    private final EndOfTurn endOfTurn;
    private final Peer peer;
    private final FloodGuard controlFrames =
            new FloodGuard(MAX_CONTROL_FRAMES, Ticker.systemTicker());
    private @Nullable Future<?> idleTimer;
    private int streams;
    private int brokenRequests;
    private boolean goingAway;
    private boolean closing;

    private H2ServerConnection(
            FrontContext front, SocketChannel channel, EndOfTurn endOfTurn, Peer peer) {
        super(front);
        this.channel = channel;
        this.endOfTurn = endOfTurn;
        this.peer = peer;
    }

    /// Serves HTTP/2 on `channel`, whose TLS handshake is done.
    static void serve(FrontContext front, SocketChannel channel, EndOfTurn endOfTurn, Peer peer) {
        var connection = new H2ServerConnection(front, channel, endOfTurn, peer);
        var settings = front.settings();
        channel.pipeline()
                .addLast(H2Codec.server(settings.connection(), settings.limits().maxFieldSection()))
                .addLast(new FlushAtEndOfTurn(endOfTurn))
                .addLast(new Http2MultiplexHandler(connection.new Streams()))
                .addLast(connection.new Watch());
    }

    private final class Streams extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel child) {
            streams++;
            stopIdleTimer();
            child.closeFuture().addListener(_ -> streamClosed());
            child.pipeline()
                    .addLast(
                            new H2ServerStream(
                                    H2ServerConnection.this, (Http2StreamChannel) child));
        }
    }

    private void streamClosed() {
        if (--streams > 0) {
            return;
        }
        if (goingAway) {
            close(Http2Error.NO_ERROR);
        } else {
            startIdleTimer();
        }
    }

    private void startIdleTimer() {
        if (channel.isActive() && idleTimer == null) {
            idleTimer =
                    channel.eventLoop()
                            .schedule(
                                    () -> close(Http2Error.NO_ERROR),
                                    front().settings().limits().idleTimeout().toMillis(),
                                    TimeUnit.MILLISECONDS);
        }
    }

    private void stopIdleTimer() {
        if (idleTimer != null) {
            idleTimer.cancel(false);
            idleTimer = null;
        }
    }

    /// Watches the connection itself.
    private final class Watch extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            H2Codec.openWindow(ctx, front().settings().connection());
            startIdleTimer();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            boolean counted =
                    message instanceof Http2PingFrame
                            || message instanceof Http2SettingsFrame
                            || message instanceof Http2SettingsAckFrame
                            || message instanceof Http2PriorityFrame;
            ReferenceCountUtil.release(message);
            if (counted && controlFrames.isFlooded()) {
                close(Http2Error.ENHANCE_YOUR_CALM);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == GoAway.NOW) {
                goAway();
            } else if (event == ChannelInputShutdownEvent.INSTANCE) {
                channel.close(); // RFC 9113 has no half-close of connections.
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!(cause instanceof Http2Exception)) {
                channel.close();
            }
            // Of an error of the peer the codec says GOAWAY with its code, and closes; a close from
            // here would come first and say NO_ERROR.
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            stopIdleTimer();
        }
    }

    private void goAway() {
        if (!goingAway && !closing) {
            goingAway = true;
            channel.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
            if (streams == 0) {
                close(Http2Error.NO_ERROR);
            }
        }
    }

    private void close(Http2Error error) {
        if (!closing) {
            closing = true;
            channel.writeAndFlush(new DefaultHttp2GoAwayFrame(error))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    void brokenRequest() {
        if (++brokenRequests > MAX_BROKEN_REQUESTS) {
            close(Http2Error.ENHANCE_YOUR_CALM);
        }
    }

    @Override
    Peer peer() {
        return peer;
    }

    EndOfTurn endOfTurn() {
        return endOfTurn;
    }
}
