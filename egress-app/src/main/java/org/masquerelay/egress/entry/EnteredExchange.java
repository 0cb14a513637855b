package org.masquerelay.egress.entry;

import java.util.Optional;
import org.masquerelay.gate.Admission;
import org.masquerelay.http.ForwardingExchange;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.observe.Passed;
import org.masquerelay.tunnel.FailureSide;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelStream;

/// A request that has entered, with what has to be settled and given back for it. Confined to the
/// event loop of its exchange.
public final class EnteredExchange extends ForwardingExchange {
    private final Optional<Tenant> tenant;
    private final Optional<Admission> admission;
    private final Runnable leave;
    private boolean settled;
    private boolean left;

    EnteredExchange(
            TunnelExchange exchange,
            Optional<Tenant> tenant,
            Optional<Admission> admission,
            Runnable leave) {
        super(exchange);
        this.tenant = tenant;
        this.admission = admission;
        this.leave = leave;
    }

    /// Whose tunnel it is, as far as a relay or the gate said so.
    public Optional<Tenant> tenant() {
        return tenant;
    }

    /// The place of the tenant is kept until [#ended(Passed)].
    @Override
    public TunnelStream accept(HeaderFields fields) {
        settle(true);
        return super.accept(fields);
    }

    /// A token is spent unless this relay itself is the reason, as at an ingress.
    @Override
    public void refuse(Refusal refusal) {
        settle(refusal.side() != FailureSide.SELF);
        leave();
        super.refuse(refusal);
    }

    /// Refuses before anything was done: whatever the reason, the token can be used again.
    void turnAway(Refusal refusal) {
        giveBack();
        super.refuse(refusal);
    }

    /// Gives back everything, as nothing was done, and leaves the exchange to who calls.
    void giveBack() {
        settle(false);
        leave();
    }

    @Override
    public void abandon() {
        settle(true); // A name was looked up or a target dialled.
        leave();
        super.abandon();
    }

    @Override
    public void ended(Passed passed) {
        leave();
        super.ended(passed);
    }

    private void leave() {
        if (!left) {
            left = true;
            leave.run();
        }
    }

    private void settle(boolean spent) {
        if (!settled) {
            settled = true;
            admission.ifPresent(spent ? Admission::spend : Admission::giveBack);
        }
    }
}
