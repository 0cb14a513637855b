package org.masquerelay.egress.dial;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.masquerelay.egress.policy.Permit;
import org.masquerelay.egress.source.TargetSockets;
import org.masquerelay.transport.BoundTargets;
import org.masquerelay.transport.BoundUdpTarget;
import org.masquerelay.transport.SourceExhaustedException;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelStream;

/// Opens the sockets of bind tunnels (draft-ietf-masque-connect-udp-listen, section 7).
public final class Binder {
    private final TargetSockets sockets;
    private final BindSettings settings;
    private final LocalAddresses locals;

    public Binder(TargetSockets sockets, BindSettings settings) {
        this.sockets = sockets;
        this.settings = settings;
        this.locals = new LocalAddresses(settings, sockets);
    }

    /// How binding ended.
    public sealed interface Outcome {
        /// The sockets, the target if there is one, and where peers on the outside reach them.
        record Bound(
                TunnelStream sockets,
                Optional<InetSocketAddress> scope,
                List<InetSocketAddress> publicAddresses)
                implements Outcome {}

        record Failed(Refusal refusal) implements Outcome {}
    }

    /// Binds a tunnel to every peer that the policy allows, and calls `then` once, on `loop`;
    /// called on `loop`. A tunnel that has a target as well goes to the first permitted address of
    /// a family that it is bound in.
    public void bind(Permit permit, EventLoop loop, Consumer<Outcome> then) {
        Place place;
        try {
            place = choose(permit);
        } catch (IllegalStateException failure) {
            then.accept(new Outcome.Failed(refusal(failure)));
            return;
        }
        if (place.addresses().isEmpty()) {
            then.accept(new Outcome.Failed(RefusalReason.DESTINATION_UNROUTABLE.because("")));
        } else {
            open(permit, place, loop, then);
        }
    }

    /// Where a tunnel is bound, and for which target if there is one; without addresses nowhere.
    private record Place(List<InetAddress> addresses, Optional<InetSocketAddress> scope) {}

    private Place choose(Permit permit) {
        if (permit.request().scope().isEmpty()) {
            return new Place(locals.choose(permit, Optional.empty()), Optional.empty());
        }
        for (var scope : permit.addresses()) {
            var addresses = locals.choose(permit, Optional.of(scope));
            if (LocalAddresses.hasFamilyOf(scope.getAddress(), addresses)) {
                return new Place(addresses, Optional.of(scope));
            }
        }
        return new Place(List.of(), Optional.empty());
    }

    private void open(Permit permit, Place place, EventLoop loop, Consumer<Outcome> then) {
        var scope = place.scope();
        var targets = new BoundTargets(scope, permit.peers(), settings.maxContexts());
        sockets.bound(loop, place.addresses(), targets, permit)
                .addListener((Future<BoundUdpTarget> done) -> {
                    if (done.isSuccess()) {
                        var bound = done.getNow();
                        then.accept(new Outcome.Bound(bound, scope, told(bound.addresses())));
                    } else {
                        then.accept(new Outcome.Failed(refusal(done.cause())));
                    }
                });
    }

    private static Refusal refusal(Throwable cause) {
        return switch (cause) {
            case SourceExhaustedException exhausted ->
                    RefusalReason.OVERLOADED.because(TargetSockets.details(exhausted));
            case IllegalStateException _ -> RefusalReason.INTERNAL.because(""); // Of a bean.
            default -> RefusalReason.OVERLOADED.because("");
        };
    }

    /// A translator between this machine and the outside keeps the ports.
    private List<InetSocketAddress> told(List<InetSocketAddress> bound) {
        return bound.stream()
                .map(at -> new InetSocketAddress(told(at.getAddress()), at.getPort()))
                .toList();
    }

    private InetAddress told(InetAddress bound) {
        return settings.publicAddresses().stream()
                .filter(outside -> LocalAddresses.isSameFamily(outside, bound))
                .findFirst()
                .orElse(bound);
    }
}
