package org.masquerelay.gate;

import java.net.URISyntaxException;
import java.time.Duration;
import java.util.function.Consumer;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.tunnel.RefusalReason;

/// Asks Spring Security, once per tunnel.
///
/// Rules that need no other machine decide before [#decide] returns, without leaving the event
/// loop; whatever a rule waits for, the decision comes back to it.
public final class SpringGate implements Gate {
    /// A rule that waits longer has failed.
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ConnectSecurity security;
    private final Duration patience;

    public SpringGate(ConnectSecurityChain chain) {
        this(chain, PATIENCE);
    }

    SpringGate(ConnectSecurityChain chain, Duration patience) {
        this.security = new ConnectSecurity(chain);
        this.patience = patience;
    }

    @Override
    public void decide(TunnelExchange exchange, Consumer<Decision> then) {
        try {
            var request = ConnectExchange.of(exchange.request());
            new PendingDecision(exchange, request, then).ask(security, patience);
        } catch (URISyntaxException _) {
            var refusal = RefusalReason.BAD_REQUEST.because("authority and path are no URI");
            then.accept(new Decision.Refused(refusal));
        }
    }
}
