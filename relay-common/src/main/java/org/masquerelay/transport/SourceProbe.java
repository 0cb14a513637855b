package org.masquerelay.transport;

import static org.masquerelay.observe.SourceExhaustion.ADDRESS;

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

    private static final InetSocketAddress HERE =
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9);

    private SourceProbe() {}

    /// Whether sockets can start there: fails with a [SourceExhaustedException] if the address or
    /// the interface is not this machine's, or, for IPv4, if the address is neither on an interface
    /// nor has a local route. For IPv6 the kernel does not ask for such a route when a socket is
    /// opened, although answers do not arrive without.
    public static void check(SourceAddress source) throws SourceExhaustedException {
        try {
            if (EventLoops.usesEpoll()) {
                checkOnLinux(source);
            } else if (source.address().isPresent()) {
                new DatagramSocket(new InetSocketAddress(source.address().get(), 0)).close();
            }
        } catch (IOException | RuntimeException failure) {
            var exhausted = SourceExhaustedException.of(failure, source);
            throw exhausted.orElseGet(() -> new SourceExhaustedException(ADDRESS, failure));
        }
    }

    private static void checkOnLinux(SourceAddress source) throws IOException {
        try (var probe = new Probe(source.address().orElseGet(ELSEWHERE::getAddress))) {
            probe.restrictTo(source);
            if (source.address().isPresent()) {
                probe.socket.bind(new InetSocketAddress(source.address().get(), 0));
            }
        }
        if (!isOurs(source)) {
            throw new SourceExhaustedException(ADDRESS);
        }
    }

    /// Whether routes lead to the address here, as far as the kernel says so: it refuses to route
    /// IPv4 packets from any other, even to this machine itself.
    static boolean isOurs(SourceAddress source) {
        if (!EventLoops.usesEpoll()
                || !(source.address().orElse(null) instanceof Inet4Address v4)) {
            return true;
        }
        try (var probe = new Probe(v4)) {
            probe.restrictTo(SourceAddress.of(v4));
            probe.socket.bind(new InetSocketAddress(v4, 0));
            probe.socket.connect(HERE);
            return true;
        } catch (IOException | RuntimeException _) {
            return false;
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
            this(LinuxSocket.newSocketDgram(TargetBootstraps.family(like)));
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

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
