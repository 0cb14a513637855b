package org.masquerelay.gate.concealed;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.masquerelay.concealed.ConcealedCredentials;
import org.masquerelay.concealed.ConcealedKey;
import org.masquerelay.concealed.ConcealedVerifier;
import org.masquerelay.concealed.RequestOrigin;
import org.masquerelay.gate.ConnectExchange;
import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.gate.Scheme;
import org.masquerelay.gate.TunnelAuthentication;
import org.masquerelay.http.Offer;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import reactor.core.publisher.Mono;

/// `concealed`: the client proves a key that is known, bound to its TLS connection, without being
/// asked (RFC 9729).
///
/// Whatever is wrong with a proof, the request counts as one without (section 6.3), so it is judged
/// where it is found; there is no challenge, and a relay where no other scheme is in force answers
/// as if there were nothing.
public final class ConcealedScheme implements Scheme {
    public static final String NAME = "concealed";

    private static final Why MISSING = new Why(RefusalReason.NOT_FOUND, Offer.NO_TEMPLATE);

    private final ConcealedVerifier verifier;
    private final Map<ImmutableBytes, Tenant> tenants;

    /// @param tenants whom each key ID stands for
    public ConcealedScheme(ConcealedVerifier verifier, Map<ImmutableBytes, Tenant> tenants) {
        this.verifier = verifier;
        this.tenants = Map.copyOf(tenants);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ServerAuthenticationConverter converter() {
        return exchange ->
                exchange.getAttributes().get(ConnectExchange.TUNNEL) instanceof TunnelRequest tunnel
                        ? Mono.justOrEmpty(proved(tunnel))
                        : Mono.empty();
    }

    private Optional<Authentication> proved(TunnelRequest tunnel) {
        var exporter = tunnel.peer().exporter();
        var origin = RequestOrigin.of(tunnel.head());
        if (exporter.isEmpty() || origin.isEmpty()) {
            return Optional.empty();
        }
        return credentials(tunnel)
                .flatMap(each -> verifier.verify(each, exporter.get(), origin.get()).stream())
                .findFirst()
                .map(this::authentication);
    }

    /// Those of Authorization and of Proxy-Authorization: at most one of each, since a field that
    /// comes twice is no field of credentials (RFC 9110, section 11.6.2).
    private static Stream<ConcealedCredentials> credentials(TunnelRequest tunnel) {
        return Stream.of("authorization", "proxy-authorization")
                .map(tunnel.head().fields()::all)
                .filter(values -> values.size() == 1)
                .flatMap(values -> ConcealedCredentials.parse(values.getFirst()).stream());
    }

    private Authentication authentication(ConcealedKey key) {
        var tenant = tenants.get(key.id());
        return tenant == null
                ? TunnelAuthentication.anonymous(NAME)
                : TunnelAuthentication.of(NAME, tenant);
    }

    /// Nothing is left to judge.
    @Override
    public ReactiveAuthenticationManager manager() {
        return Mono::just;
    }

    @Override
    public List<String> challenges() {
        return List.of();
    }

    @Override
    public Why missing() {
        return MISSING;
    }
}
