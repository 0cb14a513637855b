package org.masquerelay.gate;

import java.util.Optional;
import java.util.function.Consumer;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.tunnel.Tenant;

/// Admits everybody at once as one tenant, for a credential that the test looks at.
public record FakeGate(Optional<Tenant> tenant, Admission.Credential credential) implements Gate {
    @Override
    public void decide(TunnelExchange exchange, Consumer<Decision> then) {
        then.accept(new Decision.Admitted(new Admission(exchange.request(), tenant, credential)));
    }
}
