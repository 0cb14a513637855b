package org.masquerelay.gate;

import java.util.List;
import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/// Answers a request without any credentials before the rules run: every client's first request,
/// and all that a flood consists of.
final class EarlyChallengeFilter implements WebFilter {
    private static final Why MISSING = Why.challenge("credentials are needed");

    private final List<Scheme> schemes;
    private final ServerAuthenticationEntryPoint entryPoint;

    EarlyChallengeFilter(List<Scheme> schemes, ServerAuthenticationEntryPoint entryPoint) {
        this.schemes = schemes;
        this.entryPoint = entryPoint;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        return hasCredentials(exchange)
                ? chain.filter(exchange)
                : entryPoint.commence(exchange, new CredentialsRefusedException(MISSING));
    }

    private boolean hasCredentials(ServerWebExchange exchange) {
        return exchange.getRequest().getSslInfo() != null // A rule of an operator may look at it.
                || CredentialFields.areIn(exchange)
                || schemes.stream().anyMatch(scheme -> scheme.isPresented(exchange));
    }
}
