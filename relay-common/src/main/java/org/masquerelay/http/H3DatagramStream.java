package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.masquerelay.capsule.CapsuleReader;
import org.masquerelay.capsule.HttpDatagram;
import org.masquerelay.observe.DropReason;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.Varint;

/// A UDP tunnel on an HTTP/3 request stream (RFC 9298): payloads come and go as QUIC datagrams, or
/// as DATAGRAM capsules on the stream, which are always accepted and only sent to a peer without
/// QUIC datagrams.
///
/// Used on both sides of a hop. Confined to the event loop of its stream.
final class H3DatagramStream extends ChannelInboundHandlerAdapter
        implements TunnelStream, H3Datagrams.Receiver, CapsuleReader.Sink {
    /// What waits for the answer to the request, on each tunnel.
    private static final int MAX_EARLY = 16;

    private static final int MAX_EARLY_BYTES = 32 * 1024;

    private static final int MAX_CAPSULE_HEADER = 6;

    private final QuicStreamChannel channel;
    private final H3Datagrams datagrams;
    private final TunnelListener listener;
    private final CapsuleReader capsules;
    private final H3StreamWriter writer;
    private final Queue<ByteBuf> early = new ArrayDeque<>(0);
    private @Nullable TunnelSink sink;
    private int earlyBytes;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean reset;
    private boolean gone;

    H3DatagramStream(QuicStreamChannel channel, H3Datagrams datagrams, TunnelListener listener) {
        this.channel = channel;
        this.datagrams = datagrams;
        this.listener = listener;
        this.capsules = new CapsuleReader(channel.alloc(), HttpDatagram.MAX_LENGTH, this);
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
        for (var payload = early.poll(); payload != null; payload = early.poll()) {
            sink.received(payload);
        }
        if (inputEnded) {
            sink.finished();
        }
        if (gone) {
            sink.closed(end());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Http3DataFrame frame when !reset -> capsules.read(frame.content());
            case Http3HeadersFrame _ -> reset(ResetCause.FRAME_UNEXPECTED);
            default -> ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (sink == null) {
            ctx.read(); // So that a client that gives up before the answer is noticed.
        }
    }

    @Override
    public void datagram(ByteBuf datagram) {
        if (inputEnded || reset || gone) {
            drop(datagram, DropReason.NO_STREAM);
            return;
        }
        long context = Varint.tryRead(datagram);
        if (context != HttpDatagram.UDP_CONTEXT) {
            drop(datagram, context < 0 ? DropReason.MALFORMED : DropReason.UNKNOWN_CONTEXT);
        } else if (datagram.readableBytes() > HttpDatagram.MAX_UDP_PAYLOAD) {
            // RFC 9298, section 5: no UDP packet can carry it, so the stream is aborted.
            datagram.release();
            reset(ResetCause.DATAGRAM_ERROR);
        } else if (sink != null) {
            sink.received(datagram);
        } else if (early.size() < MAX_EARLY
                && earlyBytes + datagram.readableBytes() <= MAX_EARLY_BYTES) {
            earlyBytes += datagram.readableBytes();
            early.add(datagram);
        } else {
            drop(datagram, DropReason.EARLY_OVERFLOW);
        }
    }

    private void drop(ByteBuf datagram, DropReason reason) {
        datagram.release();
        listener.dropped(reason);
    }

    @Override
    public void datagramTooLong() {
        listener.dropped(DropReason.TOO_LARGE);
        reset(ResetCause.DATAGRAM_ERROR);
    }

    @Override
    public void unknown(long type) {
        listener.unknownCapsule(type);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event != ChannelInputShutdownEvent.INSTANCE || inputEnded || reset) {
            return;
        }
        inputEnded = true;
        if (capsules.isMidCapsule()) {
            // RFC 9297, section 3.3: a message that ends within a capsule is malformed.
            reset(ResetCause.MESSAGE_ERROR);
        } else if (sink != null) {
            sink.finished();
        }
    }

    @Override
    public void write(ByteBuf payload) {
        if (outputEnded || reset || gone) {
            // RFC 9297, section 2.1: no datagram once our side of the stream is closed.
            payload.release();
        } else if (datagrams.isUsable()) {
            datagrams.send(channel.streamId(), payload);
        } else if (channel.isWritable()) {
            writeCapsule(payload);
        } else {
            drop(payload, DropReason.CONGESTED);
        }
    }

    private void writeCapsule(ByteBuf payload) {
        var capsule = channel.alloc().directBuffer(MAX_CAPSULE_HEADER + payload.readableBytes());
        HttpDatagram.writeCapsuleHeader(capsule, payload.readableBytes());
        capsule.writeBytes(payload);
        payload.release();
        writer.data(capsule);
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public void finish() {
        if (!outputEnded && !reset && !gone) {
            outputEnded = true;
            writer.fin();
        }
    }

    @Override
    public void reset(ResetCause cause) {
        if (!reset && !gone) {
            reset = true;
            writer.reset(cause);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // The peer's RESET_STREAM, or a frame that the codec has refused.
        reset(ResetCause.CANCELLED);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (gone) {
            return;
        }
        letGo();
        if (sink != null) {
            sink.closed(end());
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        abandon(); // The request was refused instead.
    }

    /// The tunnel does not come about.
    void abandon() {
        if (!gone) {
            letGo();
        }
    }

    private void letGo() {
        gone = true;
        datagrams.close(channel.streamId());
        capsules.close();
        for (var payload = early.poll(); payload != null; payload = early.poll()) {
            payload.release();
        }
    }

    private StreamEnd end() {
        return inputEnded && outputEnded && !reset ? StreamEnd.FINISHED : StreamEnd.RESET;
    }
}
