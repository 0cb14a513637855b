package org.masquerelay.ingress.gate;

import org.masquerelay.ingress.gate.TokenRefusedException.Why;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/// Answers a request without any credentials before the rules run: every client's first request,
/// and all that a flood consists of.
final class EarlyChallengeFilter implements WebFilter {
    private final ServerAuthenticationEntryPoint entryPoint;

    EarlyChallengeFilter(ServerAuthenticationEntryPoint entryPoint) {
        this.entryPoint = entryPoint;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        return hasCredentials(exchange)
                ? chain.filter(exchange)
                : entryPoint.commence(exchange, new TokenRefusedException(Why.MISSING));
    }

    private static boolean hasCredentials(ServerWebExchange exchange) {
        var request = exchange.getRequest();
        return request.getSslInfo() != null
                || PrivateTokenConverter.FIELDS.stream()
                        .anyMatch(request.getHeaders()::containsHeader);
    }
}
