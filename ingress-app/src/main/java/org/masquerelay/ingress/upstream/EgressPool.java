package org.masquerelay.ingress.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;
import org.masquerelay.gate.Admission;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.http.RelayDialer;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.fleet.Member;
import org.masquerelay.ingress.fleet.RetryReason;
import org.masquerelay.splice.TunnelTimes;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelKind;

/// The connections of one event loop to all egresses of a fleet, shared by the tunnels of that
/// loop. Confined to it.
public final class EgressPool {
    private final EgressConnections.Parts parts;
    private final IdentityHashMap<Member, EgressConnections> egresses = new IdentityHashMap<>();
    private boolean closed;

    /// What became of asking for a lease.
    public sealed interface Outcome {
        record Leased(Lease lease) implements Outcome {}

        /// @param why it is worth asking another egress
        record Unavailable(Refusal refusal, RetryReason why) implements Outcome {}
    }

    /// @param fleet which egresses there are; this pool follows it until it is closed
    public EgressPool(
            EventLoop loop,
            UpstreamSettings settings,
            RelayDialer dialer,
            Supplier<TlsMaterial> tls,
            Fleet fleet,
            Ticker ticker) {
        this.parts = new EgressConnections.Parts(loop, settings, dialer, tls, fleet, ticker);
    }

    /// The way of an admitted tunnel to an egress. Costs nothing until it is gone.
    public Route route(Admission admission) {
        assert loop().inEventLoop();
        return new Route(this, admission);
    }

    /// Takes connections to egresses that have left the fleet out of use. On the loop, after each
    /// change of the fleet.
    public void follow() {
        for (var connections : List.copyOf(egresses.values())) {
            if (fleet().has(connections.member())) {
                connections.stay();
            } else {
                connections.leave();
            }
        }
    }

    EgressConnections connections(Member member) {
        var known = egresses.get(member);
        if (known == null) {
            known = new EgressConnections(parts, member, () -> egresses.remove(member));
            egresses.put(member, known);
            if (closed) {
                known.close();
            } else if (!fleet().has(member)) {
                known.leave();
            }
        }
        return known;
    }

    /// What a client is told when the connection to the egress fails.
    public static Refusal.Own refusal(Failure failure) {
        return reason(failure)
                .because(
                        failure == Failure.UNSENT
                                ? "the request cannot be passed on"
                                : "the next hop cannot be reached");
    }

    private static RefusalReason reason(Failure failure) {
        return switch (failure) {
            case UNREACHABLE -> RefusalReason.UPSTREAM_UNREACHABLE;
            case TIMEOUT -> RefusalReason.UPSTREAM_TIMEOUT;
            case TLS -> RefusalReason.UPSTREAM_TLS;
            case PROTOCOL, NO_CREDENTIALS -> RefusalReason.UPSTREAM_PROTOCOL;
            case TERMINATED, RESET -> RefusalReason.UPSTREAM_TERMINATED;
            case NO_STREAM -> RefusalReason.UPSTREAM_FULL;
            case UNSENT -> RefusalReason.INTERNAL;
        };
    }

    /// How long a tunnel may carry nothing before this hop gives it up: somewhat longer than the
    /// egress, whose word ends tunnels in order.
    public TunnelTimes times(TunnelKind kind) {
        var settings = parts.settings();
        return switch (kind) {
            case TCP -> TunnelTimes.idle(settings.tcpIdle()).draining(settings.drain());
            case UDP, BIND -> TunnelTimes.idle(settings.udpIdle());
        };
    }

    EventLoop loop() {
        return parts.loop();
    }

    Fleet fleet() {
        return parts.fleet();
    }

    /// Closes every connection. On the loop.
    public void close() {
        closed = true;
        List.copyOf(egresses.values()).forEach(EgressConnections::close);
    }
}
