package org.masquerelay.egress.entry;

import java.util.Optional;
import java.util.function.Consumer;
import org.masquerelay.egress.opening.Openings;
import org.masquerelay.egress.opening.Turn;
import org.masquerelay.gate.Admission;
import org.masquerelay.gate.Decision;
import org.masquerelay.http.Offer;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.tenant.TenantReader.Reading;
import org.masquerelay.tunnel.Full;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;

/// Lets requests in: those of relays as they are, all others by the gate, and none of a tenant that
/// has enough, nor any while the relay itself has. Used by every event loop.
public final class Entrance {
    private static final String RETRY_SECONDS = "30";

    /// What cannot be asked is asked again every second.
    private static final String RETRY_UNKNOWN_SECONDS = "1";

    private final EntryRules rules;
    private final TunnelPlaces places;
    private final TenantLimits limits;
    private final Openings openings;
    private final TunnelListener listener;

    public Entrance(EntryRules rules, TunnelListener listener) {
        this.rules = rules;
        this.places = new TunnelPlaces(rules.limits().maxTunnels());
        this.limits = new TenantLimits(rules.limits().maxTunnelsPerTenant());
        this.openings = rules.limits().openings();
        this.listener = listener;
    }

    /// Whether a relay that is trusted is at the other end, as its certificate shows. Where anybody
    /// is let in unasked, one without a certificate is still no relay.
    public boolean isRelay(Peer peer) {
        return !peer.certificates().isEmpty() && rules.relays().test(peer);
    }

    /// Calls `then` with what has entered, at once or later on the exchange's loop, or refuses the
    /// exchange.
    public void enter(TunnelExchange exchange, Consumer<EnteredExchange> then) {
        var request = exchange.request();
        if (rules.relays().test(request.peer())) {
            admit(exchange, tenant(request), Optional.empty(), then);
            return;
        }
        rules.gate()
                .decide(
                        exchange,
                        decision -> {
                            switch (decision) {
                                case Decision.Admitted(var admission) ->
                                        admit(
                                                exchange,
                                                admission.tenant(),
                                                Optional.of(admission),
                                                then);
                                case Decision.Refused(var refusal) -> exchange.refuse(refusal);
                            }
                        });
    }

    /// What cannot be believed counts as nothing said.
    private Optional<Tenant> tenant(TunnelRequest request) {
        return switch (rules.tenants().read(request)) {
            case Reading.Known(var tenant) -> Optional.of(tenant);
            case Reading.Absent _ -> Optional.empty();
            case Reading.Rejected(var fault) -> {
                listener.tenantRejected(fault);
                yield Optional.empty();
            }
        };
    }

    private void admit(
            TunnelExchange exchange,
            Optional<Tenant> tenant,
            Optional<Admission> admission,
            Consumer<EnteredExchange> then) {
        tenant.ifPresent(exchange::belongsTo);
        if (exchange.isAbandoned()) {
            admission.ifPresent(Admission::giveBack);
            exchange.abandon();
        } else if (exchange.leadsNowhere()) {
            admission.ifPresent(Admission::giveBack);
            exchange.refuse(RefusalReason.NOT_FOUND.because(Offer.NO_TEMPLATE));
        } else if (tenant.isEmpty() && rules.tenantRequired()) {
            admission.ifPresent(Admission::giveBack);
            exchange.refuse(RefusalReason.FORBIDDEN.because("the tunnel is nobody's"));
        } else if (!places.take()) {
            admission.ifPresent(Admission::giveBack);
            exchange.refuse(
                    RefusalReason.OVERLOADED
                            .because(Full.DETAILS)
                            .with("retry-after", RETRY_SECONDS));
        } else if (tenant.isPresent() && !limits.enter(tenant.get())) {
            places.giveBack();
            admission.ifPresent(Admission::giveBack);
            exchange.refuse(
                    RefusalReason.QUOTA_EXCEEDED
                            .because("there are as many tunnels as there may be")
                            .with("retry-after", RETRY_SECONDS));
        } else {
            Runnable leave =
                    () -> {
                        places.giveBack();
                        tenant.ifPresent(limits::leave);
                    };
            var entered = new EnteredExchange(exchange, tenant, admission, leave);
            tenant.ifPresentOrElse(
                    known -> takeTurn(entered, known, then), () -> then.accept(entered));
        }
    }

    /// Keeps its places while others are asked whether its tenant opens too many.
    private void takeTurn(EnteredExchange entered, Tenant tenant, Consumer<EnteredExchange> then) {
        openings.take(tenant, entered.eventLoop(), turn -> onTurn(entered, turn, then));
    }

    private static void onTurn(EnteredExchange entered, Turn turn, Consumer<EnteredExchange> then) {
        switch (turn) {
            case Turn.Gone() -> entered.giveBack();
            case Turn _ when entered.isAbandoned() -> {
                entered.giveBack(); // Nothing was done for it.
                entered.abandon();
            }
            case Turn.Granted() -> then.accept(entered);
            case Turn.Later(long seconds) ->
                    entered.turnAway(
                            RefusalReason.QUOTA_EXCEEDED
                                    .because("as many tunnels were opened as may be")
                                    .with("retry-after", Long.toString(seconds)));
            case Turn.Unknown() ->
                    entered.turnAway(
                            RefusalReason.OVERLOADED
                                    .because("it is not known how many tunnels were opened")
                                    .with("retry-after", RETRY_UNKNOWN_SECONDS));
        }
    }
}
