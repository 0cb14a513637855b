package org.masquerelay.transport;

import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/// Asks the kernel what it makes of a source, with a UDP socket that sends nothing. None of it
/// waits.
public final class SourceProbe {
    /// An address that no network has (RFC 5737), so that the default route leads there.
    private static final InetSocketAddress ELSEWHERE =
            new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 9);

    private SourceProbe() {}

    /// Whether sockets can start there: fails with a [SourceExhaustedException] if the address or
    /// the interface is not this machine's, or, for IPv4, if the address is neither on an interface
    /// nor has a local route. For IPv6 the kernel does not ask for such a route when a socket is
    /// opened, although answers do not arrive without.
    public static void check(SourceAddress source) throws IOException {
        try {
            if (EventLoops.usesEpoll()) {
                checkOnLinux(source);
            } else if (source.address().isPresent()) {
                new DatagramSocket(new InetSocketAddress(source.address().get(), 0)).close();
            }
        } catch (IOException failure) {
            var exhausted = SourceExhaustedException.of(failure, source);
            throw exhausted.isPresent() ? exhausted.get() : failure;
        }
    }

    private static void checkOnLinux(SourceAddress source) throws IOException {
        var address = source.address().orElseGet(ELSEWHERE::getAddress);
        try (var probe = new Probe(address)) {
            probe.restrictTo(source);
            if (source.address().isEmpty()) {
                return;
            }
            probe.socket.bind(new InetSocketAddress(address, 0));
            if (address instanceof Inet4Address) {
                probe.lookUpRoute(source);
            }
        }
    }

    /// The address that packets to `target` leave from, by the routes of the source's interface;
    /// empty if there is no route.
    public static Optional<InetAddress> towards(InetSocketAddress target, SourceAddress source) {
        if (!EventLoops.usesEpoll()) {
            return towards(target);
        }
        try (var probe = new Probe(target.getAddress())) {
            probe.restrictTo(source);
            probe.socket.connect(target);
            return Optional.of(probe.socket.localAddress().getAddress());
        } catch (IOException | RuntimeException _) {
            return Optional.empty();
        }
    }

    private static Optional<InetAddress> towards(InetSocketAddress target) {
        try (var probe = new DatagramSocket()) {
            probe.connect(target);
            return Optional.of(probe.getLocalAddress());
        } catch (IOException | RuntimeException _) {
            return Optional.empty();
        }
    }

    private record Probe(Socket socket) implements AutoCloseable {
        Probe(InetAddress like) {
            this(LinuxSocket.newSocketDgram(TargetDialer.family(like)));
        }

        void restrictTo(SourceAddress source) throws IOException {
            if (source.networkInterface().isPresent()) {
                var option = SourceOptions.BIND_TO_DEVICE;
                socket.setRawOpt(
                        option.level(),
                        option.optname(),
                        SourceOptions.nameBytes(source.networkInterface().get()));
            }
            if (source.address().isPresent()) {
                var option = SourceOptions.FREEBIND;
                socket.setIntOpt(option.level(), option.optname(), 1);
            }
        }

        /// Only the address counts: a machine without a default route is none of our business.
        void lookUpRoute(SourceAddress source) throws IOException {
            try {
                socket.connect(ELSEWHERE);
            } catch (IOException failure) {
                if (SourceExhaustedException.of(failure, source).isPresent()) {
                    throw failure;
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
