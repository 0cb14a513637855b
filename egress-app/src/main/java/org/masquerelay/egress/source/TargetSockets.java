package org.masquerelay.egress.source;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.masquerelay.transport.BoundTargets;
import org.masquerelay.transport.BoundUdpTarget;
import org.masquerelay.transport.LocalEnd;
import org.masquerelay.transport.SourceAddress;
import org.masquerelay.transport.TargetDialer;
import org.masquerelay.tunnel.TunnelStream;

/// Opens the sockets of permitted tunnels, each from the source that is selected for it or by the
/// application that supplies it.
///
/// All of it is called on the event loop of the tunnel. What fails because of this machine fails
/// with a [org.masquerelay.transport.SourceExhaustedException].
public final class TargetSockets {
    private final TargetDialer dialer;
    private final Sources sources;

    public TargetSockets(TargetDialer dialer, Sources sources) {
        this.dialer = dialer;
        this.sources = sources;
    }

    /// A connected UDP socket.
    public Future<TunnelStream> udp(
            EventLoop loop, InetSocketAddress target, PermittedTunnel tunnel) {
        return supplied(loop, target, tunnel)
                .orElseGet(() -> dialer.udp(loop, target, end(tunnel, target.getAddress())));
    }

    /// A TCP connection; given up after `timeout`.
    public Future<TunnelStream> tcp(
            EventLoop loop, InetSocketAddress target, Duration timeout, PermittedTunnel tunnel) {
        return supplied(loop, target, tunnel)
                .orElseGet(
                        () -> dialer.tcp(loop, target, timeout, end(tunnel, target.getAddress())));
    }

    private Optional<Future<TunnelStream>> supplied(
            EventLoop loop, InetSocketAddress target, PermittedTunnel tunnel) {
        return sources.supplier()
                .flatMap(supplier -> supplier.supply(tunnel, target, loop))
                .map(socket -> dialer.adopt(loop, target, socket));
    }

    /// Sockets of a bind tunnel.
    ///
    /// @param addresses of this machine to bind to where none is selected for their family, at most
    ///   one per family
    public Future<BoundUdpTarget> bound(
            EventLoop loop,
            List<InetAddress> addresses,
            BoundTargets targets,
            PermittedTunnel tunnel) {
        var ends = addresses.stream().map(address -> boundEnd(tunnel, address)).toList();
        return dialer.bound(loop, ends, targets);
    }

    /// The address that is selected for a bind tunnel and targets of the family of `like`.
    public Optional<InetAddress> selected(PermittedTunnel tunnel, InetAddress like) {
        return sources.selector().select(tunnel, family(like)).address();
    }

    private LocalEnd end(PermittedTunnel tunnel, InetAddress target) {
        var family = family(target);
        return new LocalEnd(() -> sources.selector().select(tunnel, family), dscp(tunnel));
    }

    private LocalEnd boundEnd(PermittedTunnel tunnel, InetAddress otherwise) {
        var end = end(tunnel, otherwise);
        return new LocalEnd(() -> at(otherwise, end.source().get()), end.dscp());
    }

    private static SourceAddress at(InetAddress otherwise, SourceAddress selected) {
        return new SourceAddress(
                selected.address().or(() -> Optional.of(otherwise)),
                selected.networkInterface(),
                selected.ports());
    }

    private java.util.OptionalInt dscp(PermittedTunnel tunnel) {
        return tunnel.dscp().isPresent() ? tunnel.dscp() : sources.dscp();
    }

    private static StandardProtocolFamily family(InetAddress address) {
        return address instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }
}
