package org.masquerelay.cli.bench;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;

/// Sends the [Pattern] on one connection until the peer ends its direction, and then as eight bytes
/// how much it was.
final class SourceTarget extends ChannelInboundHandlerAdapter {
    private final Pattern pattern = new Pattern();
    private long sent;
    private boolean stopped;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        send(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        send(ctx);
    }

    private void send(ChannelHandlerContext ctx) {
        while (!stopped && ctx.channel().isWritable()) {
            var chunk = pattern.chunkAt(sent);
            sent += Pattern.CHUNK; // before the write, which may call this method again
            ctx.write(chunk, ctx.voidPromise());
        }
        ctx.flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && !stopped) {
            stopped = true;
            ctx.writeAndFlush(ctx.alloc().buffer(Long.BYTES).writeLong(sent))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
