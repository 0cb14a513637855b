package org.masquerelay.cli.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.masquerelay.cli.bench.Plan.TargetPorts;

/// What stands behind the relays: a UDP port that echoes, a TCP port that takes the [Pattern], and
/// one that sends it.
public final class Targets implements AutoCloseable {
    private static final int MAX_DATAGRAM = 2048;
    private static final int DATAGRAMS_PER_READ = 64;

    /// The kernel gives what its limits allow.
    private static final int SOCKET_BUFFER = 4 << 20;

    private static final long STOPPED_WITHIN_SECONDS = 2;

    private final EventLoopGroup loop;

    private Targets(EventLoopGroup loop) {
        this.loop = loop;
    }

    /// Listens on these ports of the loopback address.
    public static Targets start(TargetPorts ports) throws IOException {
        var io = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        var targets = new Targets(new MultiThreadIoEventLoopGroup(1, io));
        try {
            targets.echo(ports.echo());
            targets.serve(ports.sink(), SinkTarget::new);
            targets.serve(ports.source(), SourceTarget::new);
            return targets;
        } catch (IOException e) {
            targets.close();
            throw e;
        }
    }

    private void echo(int port) throws IOException {
        var bootstrap =
                new Bootstrap()
                        .group(loop)
                        .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER)
                        .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER)
                        .handler(new EchoTarget());
        if (Epoll.isAvailable()) {
            bootstrap
                    .channel(EpollDatagramChannel.class)
                    .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, MAX_DATAGRAM)
                    .option(
                            ChannelOption.RECVBUF_ALLOCATOR,
                            new FixedRecvByteBufAllocator(MAX_DATAGRAM * DATAGRAMS_PER_READ));
        } else {
            bootstrap.channel(NioDatagramChannel.class);
        }
        listening(bootstrap.bind(InetAddress.getLoopbackAddress(), port));
    }

    private void serve(int port, Supplier<ChannelHandler> handlers) throws IOException {
        var bootstrap =
                new ServerBootstrap()
                        .group(loop)
                        .channel(
                                Epoll.isAvailable()
                                        ? EpollServerSocketChannel.class
                                        : NioServerSocketChannel.class)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.pipeline().addLast(handlers.get());
                                    }
                                });
        listening(bootstrap.bind(InetAddress.getLoopbackAddress(), port));
    }

    private static void listening(ChannelFuture bound) throws IOException {
        if (!bound.awaitUninterruptibly().isSuccess()) {
            throw new IOException("a target cannot listen", bound.cause());
        }
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, STOPPED_WITHIN_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(STOPPED_WITHIN_SECONDS, TimeUnit.SECONDS);
    }
}
