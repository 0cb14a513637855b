package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.DropReason;
import org.masquerelay.observe.Losses;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// A UDP socket connected to one target: the kernel drops what comes from elsewhere.
///
/// Confined to the event loop of its channel.
final class UdpTarget extends ChannelInboundHandlerAdapter implements TunnelStream, EndOfTurn.Task {
    /// What one read takes; a datagram that fills it may have been cut, so it is dropped.
    static final int MAX_DATAGRAM = 2048;

    /// Datagrams written within one turn; more than the socket buffer takes is dropped by the
    /// kernel anyway.
    private static final int MAX_UNFLUSHED = 256;

    /// How long a relay may be silent after the kernel has said that its port is closed.
    private static final long SUSPICION_MILLIS = 1000;

    private static final ByteBuffer EMPTY = ByteBuffer.allocateDirect(1);

    private final Channel channel;
    private final EndOfTurn endOfTurn;
    private final Losses losses;
    private final WhenUnreachable whenUnreachable;
    private @Nullable TunnelSink sink;
    private @Nullable Future<?> suspicion;
    private int unflushed;
    private boolean reset;
    private boolean gone;

    /// What becomes of the socket when the kernel says that the target's port is closed.
    enum WhenUnreachable {
        /// The target may come back (RFC 9298, section 3.1).
        CARRY_ON,
        /// What was agreed with a relay is lost with it. Anybody who guesses our port can forge
        /// such a message, so a relay that answers is alive.
        END_IF_SILENT
    }

    UdpTarget(
            Channel channel, EndOfTurn endOfTurn, Losses losses, WhenUnreachable whenUnreachable) {
        this.whenUnreachable = whenUnreachable;
        this.channel = channel;
        this.endOfTurn = endOfTurn;
        this.losses = losses;
    }

    @Override
    public void attach(TunnelSink sink) {
        this.sink = sink;
        if (gone) {
            sink.closed(StreamEnd.RESET);
        } else if (channel.isActive()) {
            channel.config().setAutoRead(true);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        trust();
        var payload = ((DatagramPacket) msg).content();
        if (sink == null) {
            payload.release();
        } else if (payload.readableBytes() >= MAX_DATAGRAM) {
            payload.release();
            losses.dropped(DropReason.TOO_LARGE);
        } else {
            sink.received(payload);
        }
    }

    /// An empty datagram, which does not come as a message.
    void receivedEmpty() {
        if (sink != null) {
            sink.received(Unpooled.EMPTY_BUFFER);
        }
    }

    @Override
    public void write(ByteBuf payload) {
        if (!channel.isActive()) {
            payload.release();
            return;
        }
        if (!payload.isReadable()) {
            payload.release();
            writeEmpty();
            return;
        }
        if (unflushed >= MAX_UNFLUSHED || !channel.isWritable()) {
            payload.release();
            losses.dropped(DropReason.CONGESTED);
            return;
        }
        if (unflushed++ == 0) {
            endOfTurn.add(this);
        }
        channel.write(payload, channel.voidPromise());
    }

    @Override
    public void writeDatagram(ByteBuf datagram) {
        datagram.release();
        losses.dropped(DropReason.UNKNOWN_CONTEXT);
    }

    @Override
    public void writeCapsule(ByteBuf part, boolean last) {
        part.release(); // RFC 9297, section 3.2: the end of the chain skips what it does not know.
    }

    // Netty's datagram channels leave empty messages out: this goes past them.
    private void writeEmpty() {
        if (channel instanceof UnixChannel socket) {
            channel.flush();
            try {
                socket.fd().write(EMPTY, 0, 0);
            } catch (IOException failure) {
                losses.dropped(DatagramFailure.reason(failure));
            }
        }
    }

    @Override
    public void endOfTurn() {
        unflushed = 0;
        channel.flush();
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
        channel.flush();
        channel.close();
    }

    @Override
    public void reset(ResetCause cause) {
        reset = true;
        channel.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof PortUnreachableException
                || cause instanceof java.net.ConnectException) {
            suspect();
            return;
        }
        if (!channel.isActive()) {
            return;
        }
        // EMSGSIZE and the like concern one datagram; the socket is still usable.
        losses.dropped(DatagramFailure.reason(cause));
    }

    private void suspect() {
        if (whenUnreachable == WhenUnreachable.END_IF_SILENT && suspicion == null && !gone) {
            suspicion =
                    channel.eventLoop()
                            .schedule(
                                    () -> reset(ResetCause.CONNECT_ERROR),
                                    SUSPICION_MILLIS,
                                    TimeUnit.MILLISECONDS);
        }
    }

    private void trust() {
        if (suspicion != null) {
            suspicion.cancel(false);
            suspicion = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone = true;
        trust();
        if (sink != null) {
            sink.closed(reset ? StreamEnd.RESET : StreamEnd.FINISHED);
        }
    }
}
