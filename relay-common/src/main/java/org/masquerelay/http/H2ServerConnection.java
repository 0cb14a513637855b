package org.masquerelay.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.transport.FlushAtEndOfTurn;
import org.masquerelay.tunnel.Peer;

/// One HTTP/2 connection of a client: what its streams share. Confined to its event loop.
final class H2ServerConnection extends FrontConnection {
    /// Requests that a client breaks off or garbles before we had all of their head, and streams
    /// with a frame that the codec refuses, over the lifetime of its connection.
    private static final int MAX_BROKEN_REQUESTS = 1_000;

    private final SocketChannel channel;
    private final EndOfTurn endOfTurn;
    private final H2Streams open = new H2Streams();
    private final H2Backlog backlog = new H2Backlog();
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
        connected(peer);
    }

    /// Serves HTTP/2 on `channel`, whose TLS handshake is done.
    static void serve(FrontContext front, SocketChannel channel, EndOfTurn endOfTurn, Peer peer) {
        var connection = new H2ServerConnection(front, channel, endOfTurn, peer);
        var settings = front.settings();
        var codec =
                H2Codec.server(
                        settings.connection(),
                        settings.limits().maxFieldSection(),
                        front.service().isRelay(peer));
        H2FrameBounds.install(codec, connection.backlog);
        channel.pipeline()
                .addLast(codec)
                .addLast(new FlushAtEndOfTurn(endOfTurn))
                .addLast(new Http2MultiplexHandler(connection.new Streams()))
                .addLast(connection.new Watch());
    }

    private final class Streams extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel child) {
            var stream = (Http2StreamChannel) child;
            int id = stream.stream().id();
            streams++;
            stopIdleTimer();
            open.add(stream);
            backlog.opened(id);
            child.closeFuture().addListener(_ -> streamClosed(id));
            child.pipeline()
                    .addLast(
                            goingAway
                                    ? new Rejection()
                                    : new H2ServerStream(H2ServerConnection.this, stream));
            if (goingAway) {
                brokenRequest();
            }
        }
    }

    /// Answers a request that crossed our GOAWAY: nothing was done, another connection may take it
    /// (RFC 9113, section 8.7).
    private static final class Rejection extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.REFUSED_STREAM));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }
    }

    private void streamClosed(int id) {
        backlog.closed(id);
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
            ReferenceCountUtil.release(
                    message); // Frames of the connection; the codec acts on them.
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == GoAway.NOW) {
                goAway();
            } else if (event == GoAway.AT_ONCE) {
                close(Http2Error.NO_ERROR);
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
            open.connectionEnded(channel.eventLoop());
        }
    }

    @Override
    void goAway() {
        if (!goingAway && !closing) {
            goingAway = true;
            // RFC 9113, section 6.8: the highest ID, since requests may be on their way. Of streams
            // above a lower one the codec would know nothing, and take the RST_STREAM of a client
            // that gives such a request up for an error of the connection: all its tunnels end.
            var goAway = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR);
            goAway.setExtraStreamIds(Integer.MAX_VALUE);
            channel.writeAndFlush(goAway);
            if (streams == 0) {
                close(Http2Error.NO_ERROR);
            }
        }
    }

    /// Says why, and closes: the codec waits for the writing, but only for a moment.
    private void close(Http2Error error) {
        if (!closing) {
            closing = true;
            channel.write(new DefaultHttp2GoAwayFrame(error));
            channel.close();
        }
    }

    @Override
    void brokenRequest() {
        if (++brokenRequests > MAX_BROKEN_REQUESTS) {
            close(Http2Error.ENHANCE_YOUR_CALM);
        }
    }

    EndOfTurn endOfTurn() {
        return endOfTurn;
    }

    H2Backlog backlog() {
        return backlog;
    }
}
