package org.masquerelay.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseCombiner;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.UdpTarget.WhenUnreachable;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelStream;

/// Opens sockets to targets on the event loop that owns the tunnel.
public final class TargetDialer {
    private static final int READS_PER_TURN = 64;

    /// Bytes. When a target has finished, epoll hands up all that the kernel holds at once, asked
    /// or not: this is how much that can be.
    private static final int TCP_RECEIVE_BUFFER = 512 * 1024;

    /// Bytes that wait for the socket of a UDP target before further datagrams are dropped; more
    /// than one turn brings.
    private static final WriteBufferWaterMark UDP_QUEUE =
            new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

    private final EventLoops loops;
    private final TunnelListener listener;

    public TargetDialer(EventLoops loops, TunnelListener listener) {
        this.loops = loops;
        this.listener = listener;
    }

    /// A connected UDP socket.
    public Future<TunnelStream> udp(EventLoop loop, InetSocketAddress target) {
        return connect(loop, udpBootstrap(loop, WhenUnreachable.CARRY_ON), target);
    }

    /// A connected UDP socket that ends by itself once the other relay's port is closed and nothing
    /// comes from it any more.
    public Future<TunnelStream> udpToRelay(EventLoop loop, InetSocketAddress relay) {
        return connect(loop, udpBootstrap(loop, WhenUnreachable.END_IF_SILENT), relay);
    }

    private static Future<TunnelStream> connect(
            EventLoop loop, Bootstrap bootstrap, InetSocketAddress target) {
        Promise<TunnelStream> promise = loop.newPromise();
        var connected = bootstrap.connect(target);
        connected.addListener(done -> {
            if (done.isSuccess()) {
                promise.setSuccess(connected.channel().pipeline().get(UdpTarget.class));
            } else {
                promise.setFailure(done.cause());
            }
        });
        return promise;
    }

    Bootstrap udpBootstrap(EventLoop loop, WhenUnreachable whenUnreachable) {
        var bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channel(EventLoops.datagramChannel())
                        .option(ChannelOption.AUTO_READ, false)
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, UDP_QUEUE)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        var target =
                                                new UdpTarget(
                                                        channel,
                                                        loops.endOfTurn(loop),
                                                        listener,
                                                        whenUnreachable);
                                        channel.config()
                                                .setRecvByteBufAllocator(
                                                        new TargetReads(
                                                                        UdpTarget.MAX_DATAGRAM,
                                                                        target::receivedEmpty)
                                                                .maxMessagesPerRead(
                                                                        READS_PER_TURN));
                                        channel.pipeline().addLast(target);
                                    }
                                });
        if (EventLoops.usesEpoll()) {
            // RFC 9298, section 3.1: the relay does not fragment what it sends to targets.
            bootstrap.option(DontFragment.OPTION, DontFragment.ALWAYS);
        }
        return bootstrap;
    }

    /// Sockets on free ports of `locals`, at most one address per family, for any number of peers.
    /// Called on `loop`.
    public Future<BoundUdpTarget> bound(
            EventLoop loop, List<InetAddress> locals, BoundTargets targets) {
        var target =
                new BoundUdpTarget(
                        targets, PooledByteBufAllocator.DEFAULT, loops.endOfTurn(loop), listener);
        var sockets = new PromiseCombiner(loop);
        for (var local : locals) {
            sockets.add((Future<?>) boundBootstrap(loop, local, target).bind(local, 0));
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

    private Bootstrap boundBootstrap(EventLoop loop, InetAddress local, BoundUdpTarget target) {
        boolean v4 = local instanceof Inet4Address;
        var family = v4 ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
        var bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channelFactory(() -> EventLoops.newDatagramChannel(family))
                        .option(ChannelOption.AUTO_READ, false)
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, UDP_QUEUE)
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(UdpTarget.MAX_DATAGRAM)
                                        .maxMessagesPerRead(READS_PER_TURN))
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        var socket =
                                                new BoundSocket(local, channel, target, listener);
                                        target.add(socket);
                                        channel.pipeline().addLast(socket);
                                    }
                                });
        if (EventLoops.usesEpoll()) {
            // RFC 9298, section 3.1, as for a tunnel to one target.
            bootstrap.option(
                    v4 ? DontFragment.OPTION : DontFragment.V6_OPTION, DontFragment.ALWAYS);
        }
        return bootstrap;
    }

    /// A TCP connection; given up after `timeout`, or when the future is cancelled.
    public Future<TunnelStream> tcp(EventLoop loop, InetSocketAddress target, Duration timeout) {
        Promise<TunnelStream> promise = loop.newPromise();
        var connected =
                new Bootstrap()
                        .group(loop)
                        .channel(EventLoops.socketChannel())
                        .option(ChannelOption.AUTO_READ, false)
                        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.SO_RCVBUF, TCP_RECEIVE_BUFFER)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis())
                        .handler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.pipeline()
                                                .addLast(
                                                        new TcpTarget(
                                                                channel, loops.endOfTurn(loop)));
                                    }
                                })
                        .connect(target);
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                promise.tryFailure(done.cause());
            } else if (!promise.trySuccess(connected.channel().pipeline().get(TcpTarget.class))) {
                connected.channel().close();
            }
        });
        promise.addListener(done -> {
            if (done.isCancelled()) {
                connected.channel().close();
            }
        });
        return promise;
    }
}
