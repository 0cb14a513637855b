package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;

/// A stream of HTTP/2 (RFC 9113, section 5). The connection sends what its streams have written
/// once per turn. Confined to its event loop.
abstract class H2MessageStream extends ChannelInboundHandlerAdapter implements MessageStream {
    /// Bytes that wait for the peer's windows before the other side is told to wait.
    private static final WriteBufferWaterMark QUEUE =
            new WriteBufferWaterMark(128 * 1024, 512 * 1024);

    private final Http2StreamChannel channel;
    private final EndOfTurn endOfTurn;
    private @Nullable Receiver receiver;
    private boolean inputEnded;
    private boolean over;

    H2MessageStream(Http2StreamChannel channel, EndOfTurn endOfTurn) {
        this.channel = channel;
        this.endOfTurn = endOfTurn;
        channel.config().setAutoRead(false).setWriteBufferWaterMark(QUEUE);
    }

    /// A field section has come.
    abstract void headers(Http2HeadersFrame frame);

    final Http2StreamChannel channel() {
        return channel;
    }

    final @Nullable Receiver receiver() {
        return receiver;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Http2DataFrame frame when receiver != null && !over -> {
                boolean last = frame.isEndStream();
                receiver.content(frame.content());
                if (last) {
                    inputEnded();
                }
            }
            case Http2HeadersFrame frame when !over -> {
                headers(frame);
                if (frame.isEndStream()) {
                    inputEnded();
                }
            }
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void inputEnded() {
        if (receiver != null && !inputEnded && !over) {
            inputEnded = true;
            receiver.finished();
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
        if (event instanceof Http2ResetFrame reset) {
            failed(
                    reset.errorCode() == Http2Error.REFUSED_STREAM.code()
                            ? Failure.REFUSED
                            : Failure.RESET);
        } else if (event instanceof Http2GoAwayFrame goAway) {
            // Told to the streams that the peer has not looked at.
            goAway.release();
            failed(Failure.REFUSED);
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
        // A frame that the codec has refused, and leaves it to us to say so.
        failed(cause instanceof Http2Exception ? Failure.MALFORMED : Failure.RESET);
    }

    private void failed(Failure failure) {
        if (receiver != null && !over) {
            receiver.failed(failure);
        } else {
            reset(ResetCause.CANCELLED);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        over = true;
        if (receiver != null) {
            receiver.closed();
        }
    }

    /// Writes a frame that the peer has to get.
    final void send(Object frame) {
        channel.write(frame)
                .addListener(written -> {
                    if (!written.isSuccess()) {
                        failed(Failure.RESET);
                    }
                });
        channel.flush();
    }

    @Override
    public final HttpVersion version() {
        return HttpVersion.H2;
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
        send(new DefaultHttp2DataFrame(content, false));
    }

    @Override
    public final void finish() {
        send(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
    }

    @Override
    public final void reset(ResetCause cause) {
        if (over) {
            return;
        }
        over = true;
        if (channel.isActive()) {
            channel.writeAndFlush(new DefaultHttp2ResetFrame(cause.h2Code()));
        }
        channel.close();
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
        return !over && channel.isActive();
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
    public final @Nullable QuicDatagrams datagrams() {
        return null;
    }
}
