package org.masquerelay.gate.mtls;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.gate.ConnectExchange;
import org.masquerelay.gate.CredentialsRefusedException;
import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.gate.Scheme;
import org.masquerelay.gate.TunnelAuthentication;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelRequest;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/// `mtls`: a client certificate that the listener has taken. It names the tenant, so it runs before
/// all others.
///
/// Whether a certificate is taken was decided in the handshake (`relay.listeners[].client-auth`).
public final class MutualTlsScheme implements Scheme {
    public static final String NAME = "mtls";

    private static final Why MISSING =
            new Why(RefusalReason.FORBIDDEN, "a client certificate is needed");
    private static final Why REVOKED =
            new Why(RefusalReason.FORBIDDEN, "the client certificate is revoked");
    private static final Why NAMELESS =
            Why.notGenuine("the client certificate does not name a tenant");

    private final CertificateTenant tenants;

    public MutualTlsScheme(CertificateTenant tenants) {
        this.tenants = tenants;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ServerAuthenticationConverter converter() {
        return exchange -> Mono.justOrEmpty(leaf(exchange)).map(Shown::new);
    }

    @Override
    public ReactiveAuthenticationManager manager() {
        return presented ->
                presented instanceof Shown shown
                        ? tenants.of(shown.leaf)
                                .<Mono<Authentication>>map(
                                        tenant -> Mono.just(TunnelAuthentication.of(NAME, tenant)))
                                .orElseGet(
                                        () -> Mono.error(new CredentialsRefusedException(NAMELESS)))
                        : Mono.empty();
    }

    @Override
    public boolean isPresented(ServerWebExchange exchange) {
        return leaf(exchange) != null;
    }

    @Override
    public Why missing() {
        return MISSING;
    }

    /// Only who holds the certificate's key hears that it is revoked: the handshake has proved it.
    @Override
    public Why missing(TunnelRequest request) {
        return request.peer().revoked() ? REVOKED : MISSING;
    }

    private static @Nullable X509Certificate leaf(ServerWebExchange exchange) {
        return exchange.getAttributes().get(ConnectExchange.TUNNEL) instanceof TunnelRequest tunnel
                        && !tunnel.peer().certificates().isEmpty()
                ? tunnel.peer().certificates().getFirst()
                : null;
    }

    /// A certificate that is still to be read.
    private static final class Shown extends AbstractAuthenticationToken {
        private static final long serialVersionUID = 1L;

        private final transient X509Certificate leaf;

        Shown(X509Certificate leaf) {
            super(List.of());
            this.leaf = leaf;
        }

        @Override
        public Object getCredentials() {
            return "";
        }

        @Override
        public Object getPrincipal() {
            return "";
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }
}
