package org.masquerelay.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelStream;

/// A UDP tunnel of another relay for each connection: a connection within a connection.
public final class TunnelPath implements QuicPath {
    /// What the HTTP Datagrams of a connection with packets of 1350 bytes carry, with room for a
    /// long stream number: QUIC takes 44 bytes of each packet (RFC 9000, section 17.3, with a
    /// connection ID of 20 bytes), the stream number up to 4, the context ID 1.
    ///
    /// It leaves 1253 bytes to a UDP payload within the inner connection, so that a browser's QUIC
    /// gets through it: 1250 bytes and no more is how its connections begin.
    public static final int LONGEST_PACKET = 1300;

    private final EventLoops loops;
    private final Set<TunnelChannel> open = ConcurrentHashMap.newKeySet();
    private final Function<EventLoop, Future<TunnelStream>> tunnels;

    /// @param tunnels opens a UDP tunnel to the peer, on the loop given, and stays there; called
    ///   once per connection
    public TunnelPath(EventLoops loops, Function<EventLoop, Future<TunnelStream>> tunnels) {
        this.loops = loops;
        this.tunnels = tunnels;
    }

    @Override
    public Future<Channel> open(EventLoop loop, InetSocketAddress peer, ChannelHandler setup) {
        assert loop.inEventLoop();
        Promise<Channel> opened = loop.newPromise();
        tunnels.apply(loop)
                .addListener((Future<TunnelStream> done) -> {
                    if (!done.isSuccess()) {
                        opened.tryFailure(done.cause());
                    } else if (opened.isDone()) {
                        done.getNow().reset(ResetCause.CANCELLED);
                    } else {
                        var turn = loops.endOfTurn(loop);
                        var channel = new TunnelChannel(loop, done.getNow(), peer, turn);
                        open.add(channel);
                        channel.gone().addListener(_ -> open.remove(channel));
                        register(loop, channel, setup, opened);
                    }
                });
        return opened;
    }

    private static void register(
            EventLoop loop, TunnelChannel channel, ChannelHandler setup, Promise<Channel> opened) {
        channel.pipeline().addLast(setup);
        loop.register(channel)
                .addListener(registered -> {
                    if (!registered.isSuccess()) {
                        channel.close();
                        opened.tryFailure(registered.cause());
                    } else if (!opened.trySuccess(channel)) {
                        channel.close();
                    }
                });
    }

    /// Waits until the tunnels of connections that are closed have ended in order, at most for so
    /// long in all: whoever takes the outer connection away before loses the last packets, and the
    /// peer waits for more. Not on an event loop.
    public void awaitEnd(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        for (var channel : open) {
            channel.gone().awaitUninterruptibly(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public SegmentedDatagramPacketAllocator segments() {
        return SegmentedDatagramPacketAllocator.NONE;
    }

    @Override
    public int longestPacket() {
        return LONGEST_PACKET;
    }
}
