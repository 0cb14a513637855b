package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.masquerelay.observe.DropReason;
import org.masquerelay.observe.Losses;

/// A UDP socket on one address of this machine, for any number of peers of its address family.
///
/// Confined to the event loop of its channel.
final class BoundSocket extends ChannelInboundHandlerAdapter {
    /// Datagrams written within one turn; more than the socket buffer takes is dropped by the
    /// kernel anyway.
    private static final int MAX_UNFLUSHED = 256;

    private static final ByteBuffer EMPTY = ByteBuffer.allocateDirect(1);

    private final InetAddress local;
    private final Channel channel;
    private final Receiver receiver;
    private final Losses losses;
    private int unflushed;

    /// Whose socket it is.
    interface Receiver {
        /// The payload is consumed.
        void received(ByteBuf payload, InetSocketAddress from);

        /// The socket is gone.
        void socketClosed();
    }

    BoundSocket(InetAddress local, Channel channel, Receiver receiver, Losses losses) {
        this.local = local;
        this.channel = channel;
        this.receiver = receiver;
        this.losses = losses;
    }

    /// Where it is bound, while it is open.
    InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    boolean canReach(InetAddress peer) {
        return local instanceof Inet4Address == peer instanceof Inet4Address;
    }

    boolean isOpen() {
        return channel.isActive();
    }

    void startReading() {
        channel.config().setAutoRead(true);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        var packet = (DatagramPacket) msg;
        var payload = packet.content();
        if (payload.readableBytes() >= UdpTarget.MAX_DATAGRAM) {
            payload.release();
            losses.dropped(DropReason.TOO_LARGE);
        } else {
            receiver.received(payload, packet.sender());
        }
    }

    /// Sends `payload`, which is consumed, at the latest when the turn's [#flush] comes.
    void send(ByteBuf payload, InetSocketAddress to) {
        if (!channel.isActive()) {
            payload.release();
        } else if (!payload.isReadable()) {
            payload.release();
            sendEmpty(to);
        } else if (unflushed >= MAX_UNFLUSHED || !channel.isWritable()) {
            payload.release();
            losses.dropped(DropReason.CONGESTED);
        } else {
            unflushed++;
            channel.write(new DatagramPacket(payload, to), channel.voidPromise());
        }
    }

    // Netty's datagram channels leave empty messages out: this goes past them.
    private void sendEmpty(InetSocketAddress to) {
        if (channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket) {
            flush();
            try {
                socket.sendTo(EMPTY, 0, 0, to.getAddress(), to.getPort());
            } catch (IOException _) {
                losses.dropped(DropReason.CONGESTED);
            }
        }
    }

    void flush() {
        if (unflushed > 0) {
            unflushed = 0;
            channel.flush();
        }
    }

    void close() {
        channel.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (channel.isActive()) {
            // EMSGSIZE and the like concern one datagram; the socket is still usable.
            losses.dropped(DatagramFailure.reason(cause));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        receiver.socketClosed();
    }
}
