package org.masquerelay.cli.doctor;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.masquerelay.wire.IpLiteral;
import org.masquerelay.wire.IpPrefix;

/// Whether tunnels can start at any address of a prefix, and the answers come back here.
final class SourcePrefixes {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final HostFiles files;
    private final List<IpPrefix> prefixes;

    SourcePrefixes(HostFiles files, List<IpPrefix> prefixes) {
        this.files = files;
        this.prefixes = prefixes;
    }

    List<Finding> findings() {
        var found = new ArrayList<Finding>();
        var routes = LocalRoutes.of(files);
        for (var prefix : prefixes) {
            found.add(route(prefix, routes));
            found.add(bind(prefix));
        }
        return found;
    }

    private static Finding route(IpPrefix prefix, LocalRoutes routes) {
        String check = "route of " + prefix;
        return routes.cover(prefix)
                ? Finding.ok(check, "local: answers reach the sockets")
                : Finding.fail(
                        check,
                        "not local: answers are not taken",
                        "ip %s route replace local %s dev lo"
                                .formatted(isVersion4(prefix) ? "-4" : "-6", prefix));
    }

    private static Finding bind(IpPrefix prefix) {
        var address = anyOf(prefix);
        String check = "a socket at " + IpLiteral.format(address);
        if (!Epoll.isAvailable()) {
            return Finding.warn(check, "cannot be tried without epoll", "run it on Linux");
        }
        var loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            var bound =
                    new Bootstrap()
                            .group(loop)
                            .channel(EpollDatagramChannel.class)
                            // As the relay does, whatever ip_nonlocal_bind is.
                            .option(EpollChannelOption.IP_FREEBIND, true)
                            .handler(new ChannelInboundHandlerAdapter())
                            .bind(new InetSocketAddress(address, 0))
                            .awaitUninterruptibly();
            var channel = bound.channel();
            channel.close().awaitUninterruptibly();
            return bound.isSuccess()
                    ? Finding.ok(check, "opens")
                    : Finding.fail(
                            check,
                            "does not open: " + bound.cause().getMessage(),
                            isVersion4(prefix)
                                    ? "ip link set lo up"
                                    : KernelLimits.sysctl("net.ipv6.conf.all.disable_ipv6", "0"));
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    /// One with random bits behind the prefix.
    private static InetAddress anyOf(IpPrefix prefix) {
        byte[] bytes = prefix.address().getAddress();
        byte[] random = new byte[bytes.length];
        RANDOM.nextBytes(random);
        for (int bit = prefix.length(); bit < 8 * bytes.length; bit++) {
            bytes[bit >> 3] |= (byte) (random[bit >> 3] & (0x80 >> (bit & 7)));
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address: " + bytes.length + " bytes", e);
        }
    }

    private static boolean isVersion4(IpPrefix prefix) {
        return prefix.address() instanceof Inet4Address;
    }
}
