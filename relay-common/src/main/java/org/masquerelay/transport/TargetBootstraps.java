package org.masquerelay.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;

/// What all sockets to targets have in common.
final class TargetBootstraps {
    /// Bytes. When a target has finished, epoll hands up all that the kernel holds at once, asked
    /// or not: this is how much that can be.
    private static final int TCP_RECEIVE_BUFFER = 512 * 1024;

    /// Bytes that wait for the socket of a UDP target before further datagrams are dropped; more
    /// than one turn brings.
    static final WriteBufferWaterMark UDP_QUEUE = new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

    private TargetBootstraps() {}

    /// A UDP socket for peers of the family of `like`. Nothing is read until it has a handler.
    static Bootstrap udp(EventLoop loop, InetAddress like) {
        var family = family(like);
        var bootstrap =
                new Bootstrap()
                        .group(loop)
                        .channelFactory(() -> EventLoops.newDatagramChannel(family))
                        .option(ChannelOption.AUTO_READ, false)
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, UDP_QUEUE)
                        .handler(new ChannelInboundHandlerAdapter());
        if (EventLoops.usesEpoll()) {
            // RFC 9298, section 3.1: the relay does not fragment what it sends to targets.
            bootstrap.option(
                    family == SocketProtocolFamily.INET
                            ? DontFragment.OPTION
                            : DontFragment.V6_OPTION,
                    DontFragment.ALWAYS);
        }
        return bootstrap;
    }

    /// A TCP connection, with a [TcpTarget].
    static Bootstrap tcp(EventLoops loops, EventLoop loop, Duration timeout) {
        return new Bootstrap()
                .group(loop)
                .channel(EventLoops.socketChannel())
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_RCVBUF, TCP_RECEIVE_BUFFER)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis(timeout))
                .handler(
                        new ChannelInitializer<SocketChannel>() {
                            @Override
                            protected void initChannel(SocketChannel channel) {
                                channel.pipeline()
                                        .addLast(new TcpTarget(channel, loops.endOfTurn(loop)));
                            }
                        });
    }

    /// Netty takes 0 for no time-out at all.
    private static int millis(Duration timeout) {
        return Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
    }

    static SocketProtocolFamily family(InetAddress address) {
        return address instanceof Inet4Address
                ? SocketProtocolFamily.INET
                : SocketProtocolFamily.INET6;
    }
}
