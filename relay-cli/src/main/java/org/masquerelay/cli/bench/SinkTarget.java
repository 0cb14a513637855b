package org.masquerelay.cli.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Takes the [Pattern] on one connection, and reports as eight bytes how much of it has come: from
/// time to time, and at the end.
final class SinkTarget extends ChannelInboundHandlerAdapter {
    private static final long REPORT_MILLIS = 20;

    private final Pattern pattern = new Pattern();
    private @Nullable Future<?> reports;
    private long arrived;
    private long reported;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        reports =
                ctx.executor()
                        .scheduleAtFixedRate(
                                () -> reportNews(ctx),
                                REPORT_MILLIS,
                                REPORT_MILLIS,
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = (ByteBuf) message;
        int length = bytes.readableBytes();
        boolean good = pattern.isAt(arrived, bytes, length);
        bytes.release();
        arrived += length;
        if (!good) {
            ctx.close();
        }
    }

    private void reportNews(ChannelHandlerContext ctx) {
        if (arrived != reported && ctx.channel().isWritable()) {
            report(ctx);
        }
    }

    private void report(ChannelHandlerContext ctx) {
        reported = arrived;
        ctx.writeAndFlush(ctx.alloc().buffer(Long.BYTES).writeLong(arrived));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            stopReports();
            ctx.writeAndFlush(ctx.alloc().buffer(Long.BYTES).writeLong(arrived))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopReports();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private void stopReports() {
        if (reports != null) {
            reports.cancel(false);
        }
    }
}
