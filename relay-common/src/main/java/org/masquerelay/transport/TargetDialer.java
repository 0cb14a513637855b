package org.masquerelay.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseCombiner;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.Losses;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.transport.UdpTarget.WhenUnreachable;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelStream;

/// Opens sockets to targets on the event loop that owns the tunnel.
///
/// What fails because this machine has no source left fails with a [SourceExhaustedException].
public final class TargetDialer {
    private static final int READS_PER_TURN = 64;

    private final EventLoops loops;
    private final TunnelListener listener;
    private final RestingFlows resting;
    private final RandomGenerator ports = new SecureRandom();

    public TargetDialer(EventLoops loops, TunnelListener listener) {
        this(loops, listener, RestingFlows.NONE);
    }

    /// @param resting the sources of UDP that are not to be used for now
    public TargetDialer(EventLoops loops, TunnelListener listener, RestingFlows resting) {
        this.loops = loops;
        this.listener = listener;
        this.resting = resting;
    }

    /// A connected UDP socket, from wherever the system's routes start.
    public Future<TunnelStream> udp(EventLoop loop, InetSocketAddress target) {
        return udp(loop, target, LocalEnd.SYSTEM);
    }

    /// A connected UDP socket.
    public Future<TunnelStream> udp(EventLoop loop, InetSocketAddress target, LocalEnd end) {
        return udp(loop, target, end, WhenUnreachable.CARRY_ON);
    }

    /// A connected UDP socket that ends by itself once the other relay's port is closed and nothing
    /// comes from it any more.
    public Future<TunnelStream> udpToRelay(
            EventLoop loop, InetSocketAddress relay, TunnelTags tunnel) {
        var end = LocalEnd.SYSTEM.with(losses(tunnel));
        return udp(loop, relay, end, WhenUnreachable.END_IF_SILENT);
    }

    /// What hears of the datagrams that a tunnel loses.
    public Losses losses(TunnelTags tunnel) {
        return listener.losses(tunnel);
    }

    private Future<TunnelStream> udp(
            EventLoop loop, InetSocketAddress target, LocalEnd end, WhenUnreachable unreachable) {
        var socket =
                tries(
                                loop,
                                end,
                                local -> resting.isResting(local, target),
                                (source, local) -> {
                                    var bootstrap = TargetBootstraps.udp(loop, target.getAddress());
                                    SourceOptions.set(bootstrap, source, end.trafficClass());
                                    return connect(bootstrap, target, local);
                                })
                        .open();
        return stream(
                loop,
                socket,
                channel -> {
                    EarlyArrivals.discard(channel);
                    return connected(channel, target, unreachable, end);
                });
    }

    /// A TCP connection, from wherever the system's routes start; given up after `timeout`.
    public Future<TunnelStream> tcp(EventLoop loop, InetSocketAddress target, Duration timeout) {
        return tcp(loop, target, timeout, LocalEnd.SYSTEM);
    }

    /// A TCP connection; given up after `timeout`, and at once if the future is cancelled.
    public Future<TunnelStream> tcp(
            EventLoop loop, InetSocketAddress target, Duration timeout, LocalEnd end) {
        var socket =
                tries(
                                loop,
                                end,
                                _ -> false,
                                (source, local) -> {
                                    var bootstrap = TargetBootstraps.tcp(loops, loop, timeout);
                                    SourceOptions.set(bootstrap, source, end.trafficClass());
                                    SourceOptions.shareForTcp(bootstrap, local);
                                    return connect(bootstrap, target, local);
                                })
                        .open();
        return stream(loop, socket, channel -> channel.pipeline().get(TcpTarget.class));
    }

    /// A socket that somebody else has opened, for a tunnel to `target`: a [DatagramChannel] or a
    /// [SocketChannel] on `loop`, connected to the target, which nothing was read from yet. The
    /// relay closes it, at once if it is none of that; then this fails with an
    /// [IllegalStateException].
    public Future<TunnelStream> adopt(
            EventLoop loop, InetSocketAddress target, Losses losses, ChannelFuture socket) {
        Promise<Channel> opened = loop.newPromise();
        socket.addListener(done -> {
            if (!done.isSuccess()) {
                opened.tryFailure(done.cause());
            } else if (opened.isDone()) {
                socket.channel().close(); // Nobody waits for it any more.
            } else if (isConnected(socket.channel(), loop, target)) {
                opened.setSuccess(socket.channel());
            } else {
                socket.channel().close();
                opened.setFailure(
                        new IllegalStateException(
                                "socket: not connected to the target, or not on the event loop of"
                                        + " the tunnel"));
            }
        });
        return stream(
                loop,
                opened,
                channel ->
                        switch (channel) {
                            case SocketChannel connection -> connected(connection, loop);
                            default ->
                                    connected(
                                            channel,
                                            target,
                                            WhenUnreachable.CARRY_ON,
                                            LocalEnd.SYSTEM.with(losses));
                        });
    }

    private static boolean isConnected(Channel channel, EventLoop loop, InetSocketAddress target) {
        return (channel instanceof DatagramChannel || channel instanceof SocketChannel)
                && channel.isRegistered()
                && channel.eventLoop().equals(loop)
                && channel.isActive()
                && target.equals(channel.remoteAddress());
    }

    /// Sockets for any number of peers, at most one per address family. Called on `loop`.
    ///
    /// @param ends whose sources have an address, always of the same family
    public Future<BoundUdpTarget> bound(
            EventLoop loop, List<LocalEnd> ends, BoundTargets targets, Losses losses) {
        var target =
                new BoundUdpTarget(
                        targets, PooledByteBufAllocator.DEFAULT, loops.endOfTurn(loop), losses);
        var sockets = new PromiseCombiner(loop);
        for (var end : ends) {
            sockets.add((Future<?>) bound(loop, end, target));
        }
        Promise<BoundUdpTarget> promise = loop.newPromise();
        Promise<Void> all = loop.newPromise();
        sockets.finish(all);
        all.addListener(done -> {
            if (done.isSuccess()) {
                promise.setSuccess(target);
            } else {
                target.reset(ResetCause.INTERNAL_ERROR);
                promise.setFailure(done.cause());
            }
        });
        return promise;
    }

    private Future<Channel> bound(EventLoop loop, LocalEnd end, BoundUdpTarget target) {
        var socket =
                tries(
                        loop,
                        end,
                        resting::isResting,
                        (source, local) -> {
                            var bootstrap =
                                    TargetBootstraps.udp(loop, source.address().orElseThrow());
                            SourceOptions.set(bootstrap, source, end.trafficClass());
                            return bootstrap.bind(Objects.requireNonNull(local));
                        });
        return socket.open()
                .addListener((Future<Channel> done) -> {
                    if (done.isSuccess()) {
                        var channel = done.getNow();
                        var at = (InetSocketAddress) channel.localAddress();
                        var owner = owner(channel, end.tenant());
                        channel.closeFuture().addListener(_ -> resting.rest(at, owner));
                        channel.config()
                                .setRecvByteBufAllocator(
                                        new FixedRecvByteBufAllocator(UdpTarget.MAX_DATAGRAM)
                                                .maxMessagesPerRead(READS_PER_TURN));
                        var handler =
                                new BoundSocket(at.getAddress(), channel, target, end.losses());
                        target.add(handler);
                        channel.pipeline().addLast(handler);
                    }
                });
    }

    private SourceTries tries(
            EventLoop loop,
            LocalEnd end,
            Predicate<InetSocketAddress> isResting,
            SourceTries.Opening opening) {
        return new SourceTries(loop, end, isResting, opening, ports, listener);
    }

    private static ChannelFuture connect(
            Bootstrap bootstrap, InetSocketAddress target, @Nullable InetSocketAddress local) {
        return local == null ? bootstrap.connect(target) : bootstrap.connect(target, local);
    }

    /// The tunnel's end of a socket, once there is one; no socket if it is cancelled before.
    private static Future<TunnelStream> stream(
            EventLoop loop, Future<Channel> socket, Function<Channel, TunnelStream> end) {
        Promise<TunnelStream> promise = loop.newPromise();
        promise.addListener(_ -> {
            if (promise.isCancelled()) {
                socket.cancel(false);
            }
        });
        socket.addListener((Future<Channel> done) -> {
            if (!done.isSuccess()) {
                promise.tryFailure(done.cause());
                return;
            }
            var stream = end.apply(done.getNow());
            if (!promise.trySuccess(stream)) {
                stream.reset(ResetCause.CANCELLED); // Nobody waits for it any more.
            }
        });
        return promise;
    }

    private static RestingFlows.Owner owner(Channel channel, Optional<Tenant> tenant) {
        return new RestingFlows.Owner(tenant, SourceOptions.ports(channel));
    }

    private TunnelStream connected(
            Channel channel, InetSocketAddress target, WhenUnreachable unreachable, LocalEnd from) {
        var turn = loops.endOfTurn(channel.eventLoop());
        var end = new UdpTarget(channel, turn, from.losses(), unreachable);
        var config = channel.config();
        config.setAutoRead(false);
        config.setWriteBufferWaterMark(TargetBootstraps.UDP_QUEUE);
        config.setRecvByteBufAllocator(
                new TargetReads(UdpTarget.MAX_DATAGRAM, end::receivedEmpty)
                        .maxMessagesPerRead(READS_PER_TURN));
        channel.pipeline().addLast(end);
        var local = (InetSocketAddress) channel.localAddress();
        var owner = owner(channel, from.tenant());
        channel.closeFuture().addListener(_ -> resting.rest(local, target, owner));
        return end;
    }

    private TunnelStream connected(SocketChannel channel, EventLoop loop) {
        var end = new TcpTarget(channel, loops.endOfTurn(loop));
        channel.config().setAutoRead(false);
        channel.config().setAllowHalfClosure(true);
        channel.pipeline().addLast(end);
        return end;
    }
}
