package org.masquerelay.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// What a socket has to be told before it starts from a [SourceAddress].
///
/// The numbers are Linux's, from asm-generic/socket.h and linux/in.h.
final class SourceOptions {
    private static final int SOL_SOCKET = 1;
    private static final int IPPROTO_IP = 0;

    /// IFNAMSIZ.
    private static final int INTERFACE_NAME_LENGTH = 16;

    /// Counts on IPv6 sockets as well.
    static final IntegerUnixChannelOption FREEBIND =
            new IntegerUnixChannelOption("IP_FREEBIND", IPPROTO_IP, 15);

    /// Has a TCP socket take its port when the target is known, so that one port serves for many
    /// targets. UDP has no use for it: a port of UDP is one socket's, whatever it is connected to.
    static final IntegerUnixChannelOption BIND_ADDRESS_NO_PORT =
            new IntegerUnixChannelOption("IP_BIND_ADDRESS_NO_PORT", IPPROTO_IP, 24);

    /// Since Linux 6.3: the first port in the lower half, the last one in the upper.
    static final IntegerUnixChannelOption LOCAL_PORT_RANGE =
            new IntegerUnixChannelOption("IP_LOCAL_PORT_RANGE", IPPROTO_IP, 51);

    static final RawUnixChannelOption BIND_TO_DEVICE =
            new RawUnixChannelOption("SO_BINDTODEVICE", SOL_SOCKET, 25, INTERFACE_NAME_LENGTH);

    /// Among how many ports that of a socket was chosen.
    private static final AttributeKey<Integer> PORTS =
            AttributeKey.valueOf(SourceOptions.class, "ports");

    private SourceOptions() {}

    static void set(Bootstrap bootstrap, SourceAddress source, OptionalInt trafficClass) {
        bootstrap.attr(PORTS, source.ports().map(SourcePorts::count).orElse(SystemPorts.count()));
        if (trafficClass.isPresent()) {
            bootstrap.option(ChannelOption.IP_TOS, trafficClass.getAsInt());
        }
        if (!EventLoops.usesEpoll()) {
            return;
        }
        source.networkInterface()
                .ifPresent(name -> bootstrap.option(BIND_TO_DEVICE, nameBytes(name)));
        if (source.address().isPresent()) {
            bootstrap.option(FREEBIND, 1);
        }
        source.ports()
                .filter(SystemPorts::canNarrowTo)
                .ifPresent(ports -> bootstrap.option(LOCAL_PORT_RANGE, rangeValue(ports)));
    }

    /// Among how many ports that of this socket was chosen.
    static int ports(Channel socket) {
        var ports = socket.attr(PORTS).get();
        return ports == null ? SystemPorts.count() : ports;
    }

    /// Lets TCP connections to different targets have the same port.
    static void shareForTcp(Bootstrap bootstrap, @Nullable InetSocketAddress local) {
        if (local == null) {
            return; // The kernel does so by itself.
        }
        if (local.getPort() != 0) {
            bootstrap.option(ChannelOption.SO_REUSEADDR, true);
        } else if (EventLoops.usesEpoll()) {
            bootstrap.option(BIND_ADDRESS_NO_PORT, 1);
        }
    }

    /// Where to bind; null leaves address and port to the system.
    ///
    /// @param port one of `source`'s, or 0 for the kernel to choose
    static @Nullable InetSocketAddress local(SourceAddress source, int port) {
        if (source.address().isPresent()) {
            return new InetSocketAddress(source.address().get(), port);
        }
        return port == 0 ? null : new InetSocketAddress(port);
    }

    static ByteBuffer nameBytes(String networkInterface) {
        var bytes = ByteBuffer.allocate(INTERFACE_NAME_LENGTH);
        bytes.put(0, networkInterface.getBytes(StandardCharsets.US_ASCII));
        return bytes;
    }

    static int rangeValue(SourcePorts ports) {
        return ports.last() << 16 | ports.first();
    }
}
