package org.masquerelay.gate;

import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/// Challenges a request whose schemes have all succeeded, but are not enough.
record AdmitFilter(Admit admit, ServerAuthenticationEntryPoint entryPoint) implements WebFilter {
    private static final Why NOT_ENOUGH = Why.challenge("more credentials are needed");

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        return ReactiveSecurityContextHolder.getContext()
                .mapNotNull(SecurityContext::getAuthentication)
                .map(admit::isSatisfiedBy)
                .defaultIfEmpty(true) // Nobody at all: the rule behind this one refuses.
                .flatMap(enough ->
                        enough
                                ? chain.filter(exchange)
                                : entryPoint.commence(
                                        exchange, new CredentialsRefusedException(NOT_ENOUGH)));
    }
}
