package org.masquerelay.gate;

import java.util.Optional;
import java.util.function.Consumer;
import org.masquerelay.http.TunnelExchange;

/// Admits everybody. For an ingress that something else guards.
public final class OpenGate implements Gate {
    @Override
    public void decide(TunnelExchange exchange, Consumer<Decision> then) {
        var admission =
                new Admission(exchange.request(), Optional.empty(), Admission.Credential.REUSABLE);
        then.accept(new Decision.Admitted(admission));
    }
}
