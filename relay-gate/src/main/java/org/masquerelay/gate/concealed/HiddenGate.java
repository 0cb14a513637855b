package org.masquerelay.gate.concealed;

import java.util.function.Consumer;
import org.masquerelay.gate.Decision;
import org.masquerelay.gate.Gate;
import org.masquerelay.http.Offer;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;

/// A gate of which nobody learns who may not pass: what it finds wrong with the form of a request,
/// before it knows who asks, is answered like a path that leads nowhere (RFC 9729, section 6.4).
public record HiddenGate(Gate gate) implements Gate {
    private static final Refusal NOT_FOUND = RefusalReason.NOT_FOUND.because(Offer.NO_TEMPLATE);

    @Override
    public void decide(TunnelExchange exchange, Consumer<Decision> then) {
        gate.decide(exchange, decision -> then.accept(hidden(decision)));
    }

    private static Decision hidden(Decision decision) {
        return decision instanceof Decision.Refused(var refusal)
                        && refusal.status() == RefusalReason.BAD_REQUEST.status()
                ? new Decision.Refused(NOT_FOUND)
                : decision;
    }
}
