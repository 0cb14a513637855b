package org.masquerelay.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;

/// Flushes what the handlers above it flush only once, at the end of the loop's turn, so that TLS
/// makes few, full records and the kernel gets them in one go.
///
/// Stands right behind the TLS handler, whose own handshake and alerts it does not see. Nothing
/// that was flushed is lost by closing. Confined to the event loop of its channel.
public final class FlushAtEndOfTurn extends ChannelOutboundHandlerAdapter
        implements EndOfTurn.Task {
    private final EndOfTurn endOfTurn;
    private @Nullable ChannelHandlerContext context;
    private boolean queued;
    private boolean unflushed;

    public FlushAtEndOfTurn(EndOfTurn endOfTurn) {
        this.endOfTurn = endOfTurn;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        unflushed = true;
        if (!queued) {
            queued = true;
            endOfTurn.add(this);
        }
    }

    @Override
    public void endOfTurn() {
        queued = false;
        flushNow();
    }

    /// Flushes now what waits for the end of the turn: before anything that goes past this handler,
    /// such as the end of TLS or of the socket's output.
    public void flushNow() {
        if (unflushed && context != null) {
            unflushed = false;
            context.flush();
        }
    }

    @Override
    public void disconnect(ChannelHandlerContext ctx, ChannelPromise promise) {
        flushNow();
        ctx.disconnect(promise);
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        flushNow();
        ctx.close(promise);
    }

    @Override
    public void deregister(ChannelHandlerContext ctx, ChannelPromise promise) {
        flushNow();
        ctx.deregister(promise);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        flushNow();
    }
}
