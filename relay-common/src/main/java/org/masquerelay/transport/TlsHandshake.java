package org.masquerelay.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Stands last in the pipeline of a TCP channel until the TLS handshake is over, which it bounds in
/// time, and then tells once how it ended. A channel whose handshake fails is closed.
///
/// Confined to the event loop of its channel.
final class TlsHandshake extends ChannelInboundHandlerAdapter {
    private final Duration timeout;
    private final Outcome outcome;
    private @Nullable Future<?> timer;
    private boolean over;

    /// How the handshake ended: one of these is called once.
    interface Outcome {
        /// The pipeline ends with `tls`; what is added now sees all that the peer sends.
        void complete(SslHandler tls);

        void failed(Throwable cause);

        void timedOut();
    }

    TlsHandshake(Duration timeout, Outcome outcome) {
        this.timeout = timeout;
        this.outcome = outcome;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        timer =
                ctx.executor()
                        .schedule(() -> timeOut(ctx), timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void timeOut(ChannelHandlerContext ctx) {
        if (end()) {
            outcome.timedOut();
        }
        ctx.channel().close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done) {
            if (!done.isSuccess()) {
                fail(ctx, done.cause());
            } else if (end()) {
                // Before, the end of what the peer sends is the end of the connection.
                ((SocketChannel) ctx.channel()).config().setAllowHalfClosure(true);
                var tls = ctx.pipeline().get(SslHandler.class);
                ctx.pipeline().remove(this);
                outcome.complete(tls);
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx, cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(ctx, new ClosedChannelException());
    }

    private void fail(ChannelHandlerContext ctx, Throwable cause) {
        if (end()) {
            outcome.failed(cause);
        }
        ctx.channel().close();
    }

    private boolean end() {
        if (timer != null) {
            timer.cancel(false);
        }
        boolean first = !over;
        over = true;
        return first;
    }
}
