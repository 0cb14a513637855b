package org.masquerelay.gate;

import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.HostPort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;

/// Asks the rules for tunnel requests about an ordinary one, such as a token request. Blocks; for
/// virtual threads.
public final class PlainGate {
    private static final Logger LOG = LoggerFactory.getLogger(PlainGate.class);

    /// Rules see where a tunnel would go; nothing goes there.
    private static final HostPort NOWHERE = new HostPort("nowhere.invalid", 443);

    private final ConnectSecurity security;
    private final Duration patience;

    public PlainGate(ConnectSecurityChain chain) {
        this(chain, SpringGate.PATIENCE);
    }

    PlainGate(ConnectSecurityChain chain, Duration patience) {
        this.security = new ConnectSecurity(chain, List.of(HttpMethod.POST));
        this.patience = patience;
    }

    /// What the rules say.
    public sealed interface Judgement {}

    /// Whom they let in, where they name somebody.
    public record Admitted(Optional<Tenant> tenant) implements Judgement {}

    public record Refused(Refusal refusal) implements Judgement {}

    public Judgement judge(PlainRequest request, Peer peer) {
        try {
            return judge(ConnectExchange.of(asTunnel(request, peer)));
        } catch (URISyntaxException _) {
            return new Refused(RefusalReason.BAD_REQUEST.because("the path is no URI"));
        }
    }

    /// A token that lets in is spent, as nobody tells what becomes of the request; any other is
    /// given back.
    private Judgement judge(ConnectExchange exchange) {
        try {
            if (Boolean.TRUE.equals(security.admits(exchange).block(patience))) {
                exchange.credential().spend();
                return new Admitted(tenant(exchange));
            }
        } catch (RuntimeException e) {
            // Its message could quote the request.
            LOG.error("A rule for requests failed: {}", e.getClass().getName());
            exchange.credential().giveBack();
            return new Refused(RefusalReason.INTERNAL.because("the request could not be judged"));
        }
        exchange.credential().giveBack();
        return new Refused(GateRefusals.of(exchange));
    }

    private static Optional<Tenant> tenant(ConnectExchange exchange) {
        return ConnectSecurity.admitted(exchange) instanceof TunnelAuthentication somebody
                ? somebody.tenant()
                : Optional.empty();
    }

    /// Proofs and signatures are bound to the authority that the client asked.
    private static TunnelRequest asTunnel(PlainRequest request, Peer peer) {
        var authority = request.authority();
        var head =
                new RequestHead(
                        request.method(),
                        "https",
                        authority == null ? NOWHERE.host() : authority,
                        request.path(),
                        null,
                        request.fields());
        return new TunnelRequest(TunnelKind.TCP, NOWHERE, head, peer);
    }
}
