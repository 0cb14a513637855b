package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// A UDP tunnel as a channel of datagrams, such as a QUIC codec sits on.
///
/// It queues nothing: what the tunnel cannot take is dropped and counted there, and the codec sends
/// it again. Ends at once when the tunnel does. Confined to the event loop of the tunnel.
final class TunnelChannel extends AbstractChannel implements EndOfTurn.Task {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    /// Between the last packets, which tell the peer that the connection is closed, and the end of
    /// the tunnel: nothing else keeps them in order.
    private static final long LAST_PACKETS_MILLIS = 50;

    /// How long the other end may take to end the tunnel in order.
    private static final long FINISHED_WITHIN_MILLIS = 1000;

    /// A codec wants to know where it is; nobody else hears of it.
    private static final InetSocketAddress HERE =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    private final TunnelStream stream;
    private final InetSocketAddress peer;
    private final EndOfTurn endOfTurn;
    private final Promise<Void> gone;
    private final ChannelConfig config = new DefaultChannelConfig(this);
    private boolean attached;
    private boolean reading;
    private boolean closed;
    private @Nullable Future<?> ending;

    TunnelChannel(
            EventLoop loop, TunnelStream stream, InetSocketAddress peer, EndOfTurn endOfTurn) {
        super(null);
        this.gone = loop.newPromise();
        this.stream = stream;
        this.peer = peer;
        this.endOfTurn = endOfTurn;
    }

    /// What comes out of the tunnel.
    private final class Packets implements TunnelSink {
        @Override
        public void received(ByteBuf payload) {
            if (closed) {
                payload.release();
                return;
            }
            pipeline().fireChannelRead(new DatagramPacket(packet(payload), HERE, peer));
            if (!reading) {
                reading = true;
                endOfTurn.add(TunnelChannel.this);
            }
        }

        /// The QUIC codec reads the header of a packet at index 0 whatever its reader index is, and
        /// hands its memory on in one piece.
        private ByteBuf packet(ByteBuf payload) {
            if (payload.nioBufferCount() == 1) {
                return payload.slice();
            }
            var copy = alloc().directBuffer(payload.readableBytes()).writeBytes(payload);
            payload.release();
            return copy;
        }

        @Override
        public void finished() {
            close();
        }

        @Override
        public void writable() {}

        @Override
        public void closed(StreamEnd end) {
            gone.setSuccess(null);
            if (ending != null) {
                ending.cancel(false);
            }
            close();
        }
    }

    /// All packets of a turn are answered in one go.
    @Override
    public void endOfTurn() {
        reading = false;
        if (!closed) {
            pipeline().fireChannelReadComplete();
        }
    }

    @Override
    protected void doBeginRead() {
        if (!attached) {
            attached = true;
            stream.attach(new Packets());
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) {
        for (var message = out.current(); message != null; message = out.current()) {
            if (message instanceof DatagramPacket packet && packet.content().isReadable()) {
                stream.write(packet.content().retain());
            }
            out.remove();
        }
    }

    @Override
    protected void doClose() {
        closed = true;
        if (!attached) {
            stream.reset(ResetCause.CANCELLED);
            gone.setSuccess(null);
        } else if (!gone.isDone()) {
            ending = later(this::finish, LAST_PACKETS_MILLIS);
        }
    }

    private void finish() {
        ending = later(() -> stream.reset(ResetCause.CANCELLED), FINISHED_WITHIN_MILLIS);
        stream.finish();
    }

    private Future<?> later(Runnable step, long millis) {
        return eventLoop().schedule(step, millis, TimeUnit.MILLISECONDS);
    }

    /// Done once the tunnel has ended, which is somewhat later than the channel.
    Future<Void> gone() {
        return gone;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                promise.setFailure(new UnsupportedOperationException("a tunnel is connected"));
            }
        };
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return HERE;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return peer;
    }

    @Override
    protected void doBind(SocketAddress local) {
        throw new UnsupportedOperationException("a tunnel has no address to bind");
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isActive() {
        return !closed;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }
}
