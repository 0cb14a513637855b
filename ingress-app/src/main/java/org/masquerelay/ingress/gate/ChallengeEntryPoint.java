package org.masquerelay.ingress.gate;

import java.util.List;
import java.util.function.Supplier;
import org.masquerelay.tunnel.RefusalReason;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/// Answers a request that is not authenticated: with a challenge where a token would help.
final class ChallengeEntryPoint implements ServerAuthenticationEntryPoint {
    private final Supplier<List<String>> challenges;
    private final ProxyChallenge proxyChallenge;

    /// What a request that brought Proxy-Authorization is asked for.
    enum ProxyChallenge {
        /// 407 and Proxy-Authenticate: clients that use the one field do not retry on the other.
        IN_KIND,
        /// 401 and WWW-Authenticate, as for every other request.
        NEVER
    }

    /// @param challenges the values to send now, one per issuer key
    ChallengeEntryPoint(Supplier<List<String>> challenges, ProxyChallenge proxyChallenge) {
        this.challenges = challenges;
        this.proxyChallenge = proxyChallenge;
    }

    @Override
    public Mono<Void> commence(ServerWebExchange exchange, AuthenticationException failure) {
        return Mono.fromRunnable(() -> {
            var why =
                    failure instanceof TokenRefusedException refused
                            ? refused.why()
                            : TokenRefusedException.Why.MISSING;
            answer(exchange, why);
        });
    }

    private void answer(ServerWebExchange exchange, TokenRefusedException.Why why) {
        var response = exchange.getResponse();
        exchange.getAttributes().put(GateRefusals.WHY, why);
        if (why.reason() != RefusalReason.UNAUTHENTICATED) {
            response.setStatusCode(HttpStatus.valueOf(why.reason().status()));
            return;
        }
        boolean inKind =
                proxyChallenge == ProxyChallenge.IN_KIND
                        && exchange.getRequest()
                                .getHeaders()
                                .containsHeader(HttpHeaders.PROXY_AUTHORIZATION);
        response.setStatusCode(
                inKind ? HttpStatus.PROXY_AUTHENTICATION_REQUIRED : HttpStatus.UNAUTHORIZED);
        response.getHeaders()
                .addAll(
                        inKind ? HttpHeaders.PROXY_AUTHENTICATE : HttpHeaders.WWW_AUTHENTICATE,
                        challenges.get());
    }
}
