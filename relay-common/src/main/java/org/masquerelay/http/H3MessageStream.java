package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;

/// A request stream of HTTP/3 (RFC 9114, section 4). Confined to its event loop.
abstract class H3MessageStream extends ChannelInboundHandlerAdapter implements MessageStream {
    private final QuicStreamChannel channel;
    private final EndOfTurn endOfTurn;
    private final QuicDatagrams datagrams;
    private final H3StreamWriter writer;
    private @Nullable Receiver receiver;
    private boolean inputEnded;

    H3MessageStream(QuicStreamChannel channel, EndOfTurn endOfTurn, H3Datagrams datagrams) {
        this.channel = channel;
        this.endOfTurn = endOfTurn;
        this.datagrams = datagrams.of(channel.streamId());
        // The peer's STOP_SENDING is only seen as a failed write.
        this.writer =
                new H3StreamWriter(
                        channel,
                        written -> {
                            if (!written.isSuccess()) {
                                failed(Failure.RESET);
                            }
                        });
    }

    /// A field section has come.
    abstract void headers(Http3HeadersFrame frame);

    final QuicStreamChannel channel() {
        return channel;
    }

    final @Nullable Receiver receiver() {
        return receiver;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var to = receiver;
        switch (message) {
            case Http3DataFrame frame when to != null -> to.content(frame.content());
            case Http3HeadersFrame frame -> headers(frame);
            default -> ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (receiver != null) {
            receiver.readComplete();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && receiver != null && !inputEnded) {
            inputEnded = true;
            receiver.finished();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (receiver != null) {
            receiver.writabilityChanged();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // The peer's RESET_STREAM, or a frame that the codec has refused.
        boolean rejected =
                cause instanceof QuicStreamResetException reset
                        && reset.applicationProtocolCode() == H3ControlStream.H3_REQUEST_REJECTED;
        failed(rejected ? Failure.REFUSED : Failure.RESET);
    }

    private void failed(Failure failure) {
        if (receiver != null) {
            receiver.failed(failure);
        } else {
            reset(ResetCause.CANCELLED);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (receiver != null) {
            receiver.closed();
        }
    }

    @Override
    public final HttpVersion version() {
        return HttpVersion.H3;
    }

    @Override
    public final EventLoop eventLoop() {
        return channel.eventLoop();
    }

    @Override
    public final EndOfTurn endOfTurn() {
        return endOfTurn;
    }

    @Override
    public final ByteBufAllocator alloc() {
        return channel.alloc();
    }

    @Override
    public final void receiver(Receiver receiver) {
        this.receiver = receiver;
    }

    @Override
    public final void write(ByteBuf content) {
        writer.data(content);
    }

    @Override
    public final void finish() {
        writer.fin();
    }

    @Override
    public final void reset(ResetCause cause) {
        writer.reset(cause);
    }

    @Override
    public final boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public final void read() {
        channel.read();
    }

    @Override
    public final void autoRead(boolean on) {
        channel.config().setAutoRead(on);
    }

    @Override
    public final boolean isActive() {
        return channel.isActive();
    }

    @Override
    public final boolean isConnectionLost() {
        return !channel.parent().isActive();
    }

    @Override
    public final void whenClosed(Runnable action) {
        channel.closeFuture().addListener(_ -> action.run());
    }

    @Override
    public final QuicDatagrams datagrams() {
        return datagrams;
    }
}
