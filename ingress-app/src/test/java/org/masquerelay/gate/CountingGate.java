package org.masquerelay.gate;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.masquerelay.http.TunnelExchange;

/// Admits everybody, and counts what becomes of what that costs.
public final class CountingGate implements Gate {
    private final AtomicInteger spent = new AtomicInteger();
    private final AtomicInteger givenBack = new AtomicInteger();

    @Override
    public void decide(TunnelExchange exchange, Consumer<Decision> then) {
        var credential =
                new Admission.Credential() {
                    @Override
                    public void spend() {
                        spent.incrementAndGet();
                    }

                    @Override
                    public void giveBack() {
                        givenBack.incrementAndGet();
                    }
                };
        var admission = new Admission(exchange.request(), Optional.empty(), credential);
        then.accept(new Decision.Admitted(admission));
    }

    public int spent() {
        return spent.get();
    }

    public int givenBack() {
        return givenBack.get();
    }
}
