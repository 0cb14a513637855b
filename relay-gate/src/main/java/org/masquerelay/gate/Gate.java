package org.masquerelay.gate;

import java.util.function.Consumer;
import org.masquerelay.http.TunnelExchange;

/// Decides who may enter.
public interface Gate {
    /// Decides on the exchange's request and calls `then` exactly once, on the exchange's event
    /// loop; at once when no rule has to wait for anything.
    void decide(TunnelExchange exchange, Consumer<Decision> then);
}
