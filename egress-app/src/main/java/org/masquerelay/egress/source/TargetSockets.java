package org.masquerelay.egress.source;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.masquerelay.egress.policy.Permit;
import org.masquerelay.egress.rule.Dscp;
import org.masquerelay.observe.Losses;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.transport.BoundTargets;
import org.masquerelay.transport.BoundUdpTarget;
import org.masquerelay.transport.LocalEnd;
import org.masquerelay.transport.SourceAddress;
import org.masquerelay.transport.SourceExhaustedException;
import org.masquerelay.transport.TargetDialer;
import org.masquerelay.tunnel.TunnelStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens the sockets of permitted tunnels, each from the source that is selected for it or by the
/// application that supplies it.
///
/// All of it is called on the event loop of the tunnel. What fails because of this machine fails
/// with a [org.masquerelay.transport.SourceExhaustedException].
public final class TargetSockets {
    private static final Logger LOG = LoggerFactory.getLogger(TargetSockets.class);

    private final TargetDialer dialer;
    private final Sources sources;
    private final AtomicBoolean complained = new AtomicBoolean();

    public TargetSockets(TargetDialer dialer, Sources sources) {
        this.dialer = dialer;
        this.sources = sources;
    }

    /// A connected UDP socket.
    public Future<TunnelStream> udp(EventLoop loop, InetSocketAddress target, Permit permit) {
        return supplied(loop, target, permit)
                .orElseGet(() -> dialer.udp(loop, target, end(permit, target)));
    }

    /// A TCP connection; given up after `timeout`.
    public Future<TunnelStream> tcp(
            EventLoop loop, InetSocketAddress target, Duration timeout, Permit permit) {
        return supplied(loop, target, permit)
                .orElseGet(() -> dialer.tcp(loop, target, timeout, end(permit, target)));
    }

    private Optional<Future<TunnelStream>> supplied(
            EventLoop loop, InetSocketAddress target, Permit permit) {
        return sources.supplier()
                .flatMap(supplier -> supply(supplier, loop, target, permit))
                .map(adopted ->
                        adopted.addListener(done -> {
                            if (done.cause() instanceof IllegalStateException bad) {
                                complain("TargetSocketSupplier", bad);
                            }
                        }));
    }

    private Optional<Future<TunnelStream>> supply(
            TargetSocketSupplier supplier,
            EventLoop loop,
            InetSocketAddress target,
            Permit permit) {
        try {
            return supplier.supply(permit, target, loop)
                    .map(socket -> dialer.adopt(loop, target, losses(permit), socket));
        } catch (RuntimeException failure) {
            return Optional.of(
                    loop.newFailedFuture(
                            new IllegalStateException("socket: none is supplied", failure)));
        }
    }

    /// Once, as every tunnel would say the same. The text of a bean's exception may name anything.
    private void complain(String bean, RuntimeException failure) {
        if (complained.compareAndSet(false, true)) {
            var reason = failure.getCause() == null ? failure : failure.getCause();
            LOG.error("Tunnels are refused, as a {} fails: {}", bean, reason.getClass().getName());
        }
    }

    /// Sockets of a bind tunnel.
    ///
    /// @param addresses of this machine to bind to where none is selected for their family, at most
    ///   one per family
    public Future<BoundUdpTarget> bound(
            EventLoop loop, List<InetAddress> addresses, BoundTargets targets, Permit permit) {
        var ends = addresses.stream().map(address -> boundEnd(permit, address)).toList();
        return dialer.bound(loop, ends, targets, losses(permit));
    }

    /// What is selected for a tunnel and targets of the family of `like`; a further socket may get
    /// another one.
    ///
    /// @throws IllegalStateException if none can be selected
    public SourceAddress source(Permit permit, InetAddress like) {
        return select(permit, family(like));
    }

    private SourceAddress select(Permit permit, StandardProtocolFamily family) {
        try {
            return Objects.requireNonNull(sources.selector().select(permit, family));
        } catch (RuntimeException failure) {
            var none = new IllegalStateException("source: none is selected", failure);
            complain("SourceAddressSelector", none);
            throw none;
        }
    }

    /// What a client is told of it.
    public static String details(SourceExhaustedException exhausted) {
        return switch (exhausted.what()) {
            case PORTS, RESTING -> "no source port is free";
            case ADDRESS -> "the source address cannot be used";
            case DESCRIPTORS -> "too many sockets are open";
        };
    }

    private LocalEnd end(Permit permit, InetSocketAddress target) {
        var family = family(target.getAddress());
        return new LocalEnd(
                () -> select(permit, family),
                dscp(permit.dscp(target)),
                permit.tenant(),
                losses(permit));
    }

    private LocalEnd boundEnd(Permit permit, InetAddress otherwise) {
        var family = family(otherwise);
        return new LocalEnd(
                () -> at(otherwise, select(permit, family)),
                dscp(permit.dscp()),
                permit.tenant(),
                losses(permit));
    }

    private Losses losses(Permit permit) {
        return dialer.losses(TunnelTags.of(permit.request()));
    }

    private static SourceAddress at(InetAddress otherwise, SourceAddress selected) {
        return new SourceAddress(
                selected.address().or(() -> Optional.of(otherwise)),
                selected.networkInterface(),
                selected.ports());
    }

    private OptionalInt dscp(Optional<Dscp> ofPolicy) {
        return ofPolicy.or(sources::dscp)
                .map(dscp -> OptionalInt.of(dscp.value()))
                .orElse(OptionalInt.empty());
    }

    private static StandardProtocolFamily family(InetAddress address) {
        return address instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
    }
}
