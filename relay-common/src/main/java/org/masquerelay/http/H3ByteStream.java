package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// A TCP tunnel on an HTTP/3 request stream (RFC 9114, section 4.4): the bytes are the content of
/// DATA frames.
///
/// It reads once and writes one DATA frame per turn, so a burst of packets costs one read and one
/// write. Used on both sides of a hop. Confined to the event loop of its stream.
final class H3ByteStream extends ChannelInboundHandlerAdapter
        implements TunnelStream, EndOfTurn.Task {
    /// Bytes gathered in a turn before the other side is told to wait.
    private static final int HIGH_WATER = 256 * 1024;

    /// Bytes gathered at most: what the kernel may hold of the other side, and some.
    private static final int MAX_PENDING = 8 * 1024 * 1024;

    /// Bytes read before the answer to the request; one more read can go beyond.
    private static final int MAX_EARLY = 16 * 1024;

    private final QuicStreamChannel channel;
    private final EndOfTurn endOfTurn;
    private final H3StreamWriter writer;
    private @Nullable TunnelSink sink;
    private @Nullable CompositeByteBuf early;
    private @Nullable CompositeByteBuf pending;
    private boolean queued;
    private boolean reading;
    private boolean toldToWait;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean reset;
    private boolean gone;

    H3ByteStream(QuicStreamChannel channel, EndOfTurn endOfTurn) {
        this.channel = channel;
        this.endOfTurn = endOfTurn;
        this.writer =
                new H3StreamWriter(
                        channel,
                        written -> {
                            if (!written.isSuccess()) {
                                reset(ResetCause.CANCELLED);
                            }
                        });
    }

    @Override
    public void attach(TunnelSink sink) {
        this.sink = sink;
        reading = true; // The sink may pause at once.
        if (early != null) {
            var bytes = early;
            early = null;
            sink.received(bytes);
        }
        if (inputEnded) {
            sink.finished();
        }
        if (gone) {
            sink.closed(end());
            return;
        }
        queue();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Http3DataFrame frame -> received(frame.content());
            case Http3HeadersFrame _ -> reset(ResetCause.FRAME_UNEXPECTED);
            default -> ReferenceCountUtil.release(message);
        }
    }

    private void received(ByteBuf bytes) {
        if (reset || !bytes.isReadable()) {
            bytes.release();
        } else if (sink != null) {
            sink.received(bytes);
        } else {
            if (early == null) {
                early = channel.alloc().compositeBuffer(Integer.MAX_VALUE);
            }
            early.addComponent(true, bytes);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        queue();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && !inputEnded && !reset) {
            inputEnded = true;
            if (sink != null) {
                sink.finished();
            }
        }
    }

    @Override
    public void write(ByteBuf payload) {
        if (outputEnded || reset || gone || !payload.isReadable()) {
            payload.release();
            return;
        }
        if (pending == null) {
            pending = channel.alloc().compositeBuffer(Integer.MAX_VALUE);
        }
        pending.addComponent(true, payload);
        if (pending.readableBytes() > MAX_PENDING) {
            reset(ResetCause.INTERNAL_ERROR); // The other side was told to wait, and did not.
            return;
        }
        queue();
    }

    private void queue() {
        if (!queued) {
            queued = true;
            endOfTurn.add(this);
        }
    }

    @Override
    public void endOfTurn() {
        queued = false;
        flush();
        if ((reading || waitsForAnswer()) && !inputEnded && !reset) {
            channel.read();
        }
        tellWritable();
    }

    /// Before the answer it reads on while little has come, so that a client that gives up is
    /// noticed; then the peer's flow control holds the rest back.
    private boolean waitsForAnswer() {
        return sink == null && (early == null || early.readableBytes() < MAX_EARLY);
    }

    private void flush() {
        var bytes = pending;
        if (bytes != null) {
            pending = null;
            writer.data(bytes);
        }
    }

    @Override
    public boolean isWritable() {
        boolean writable =
                channel.isWritable() && (pending == null || pending.readableBytes() < HIGH_WATER);
        toldToWait |= !writable;
        return writable;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        tellWritable();
    }

    private void tellWritable() {
        if (toldToWait && channel.isWritable() && pending == null && sink != null) {
            toldToWait = false;
            sink.writable();
        }
    }

    @Override
    public void pause() {
        reading = false;
    }

    @Override
    public void resume() {
        reading = true;
        queue();
    }

    @Override
    public void finish() {
        if (outputEnded || reset || gone) {
            return;
        }
        outputEnded = true;
        flush();
        writer.fin();
    }

    @Override
    public void reset(ResetCause cause) {
        if (reset || gone) {
            return;
        }
        reset = true;
        dropPending();
        writer.reset(cause);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // The peer's RESET_STREAM, or a frame that the codec has refused.
        reset(ResetCause.CANCELLED);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone = true;
        dropPending();
        if (sink != null) {
            sink.closed(end());
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        // The request was refused instead.
        gone = true;
        dropPending();
    }

    private StreamEnd end() {
        return inputEnded && outputEnded && !reset ? StreamEnd.FINISHED : StreamEnd.RESET;
    }

    private void dropPending() {
        if (pending != null) {
            pending.release();
            pending = null;
        }
        if (early != null && (gone || reset)) {
            early.release();
            early = null;
        }
    }
}
