package org.masquerelay.gate;

import java.util.List;
import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelRequest;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/// Answers a request that is not authenticated: with the challenges of all schemes where other
/// credentials would help.
final class ChallengeEntryPoint implements ServerAuthenticationEntryPoint {
    private static final Why MISSING = Why.challenge("credentials are needed");

    /// Tuning: a store that is away, or full, is not better off for being asked more often.
    private static final String RETRY_AFTER_SECONDS = "2";

    private final List<Scheme> schemes;
    private final ProxyChallenge proxyChallenge;

    ChallengeEntryPoint(List<Scheme> schemes, ProxyChallenge proxyChallenge) {
        this.schemes = schemes;
        this.proxyChallenge = proxyChallenge;
    }

    @Override
    public Mono<Void> commence(ServerWebExchange exchange, AuthenticationException failure) {
        return Mono.fromRunnable(() ->
                answer(
                        exchange,
                        failure instanceof CredentialsRefusedException refused
                                ? refused
                                : new CredentialsRefusedException(MISSING)));
    }

    private void answer(ServerWebExchange exchange, CredentialsRefusedException refused) {
        var why = refused.why();
        refused.retryAfter()
                .ifPresent(time ->
                        exchange.getResponse()
                                .getHeaders()
                                .set(HttpHeaders.RETRY_AFTER, Long.toString(time.toSeconds())));
        var challenges =
                why.reason() == RefusalReason.UNAUTHENTICATED
                        ? schemes.stream()
                                .flatMap(scheme -> refused.challengesOf(scheme).stream())
                                .toList()
                        : List.<String>of();
        if (!challenges.isEmpty()) {
            challenge(exchange, why, challenges);
        } else if (why.reason() == RefusalReason.UNAUTHENTICATED && !schemes.isEmpty()) {
            // RFC 9110, section 15.5.2: a 401 has a challenge, and here is none.
            refuse(exchange, missing(exchange, schemes.getFirst()));
        } else {
            refuse(exchange, why);
        }
    }

    private static Why missing(ServerWebExchange exchange, Scheme first) {
        return exchange.getAttributes().get(ConnectExchange.TUNNEL) instanceof TunnelRequest tunnel
                ? first.missing(tunnel)
                : first.missing();
    }

    private static void refuse(ServerWebExchange exchange, Why why) {
        exchange.getAttributes().put(GateRefusals.WHY, why);
        var response = exchange.getResponse();
        response.setStatusCode(HttpStatus.valueOf(why.reason().status()));
        if (why.reason() == RefusalReason.OVERLOADED) {
            response.getHeaders().set(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
    }

    private void challenge(ServerWebExchange exchange, Why why, List<String> challenges) {
        boolean asProxy = asksAsProxy(exchange);
        exchange.getAttributes().put(GateRefusals.WHY, why);
        var response = exchange.getResponse();
        response.setStatusCode(
                asProxy ? HttpStatus.PROXY_AUTHENTICATION_REQUIRED : HttpStatus.UNAUTHORIZED);
        response.getHeaders()
                .addAll(
                        asProxy ? HttpHeaders.PROXY_AUTHENTICATE : HttpHeaders.WWW_AUTHENTICATE,
                        challenges);
        if (exchange.getAttributes().get(ConnectExchange.TUNNEL) instanceof TunnelRequest tunnel) {
            schemes.forEach(scheme ->
                    scheme.hints(tunnel)
                            .forEach(hint -> response.getHeaders().add(hint.name(), hint.value())));
        }
    }

    private boolean asksAsProxy(ServerWebExchange exchange) {
        boolean inKind =
                exchange.getRequest().getHeaders().containsHeader(HttpHeaders.PROXY_AUTHORIZATION);
        return switch (proxyChallenge) {
            case CONNECT -> inKind || isClassicConnect(exchange);
            case IN_KIND -> inKind;
            case NEVER -> false;
        };
    }

    private static boolean isClassicConnect(ServerWebExchange exchange) {
        return exchange.getAttributes().get(ConnectExchange.TUNNEL) instanceof TunnelRequest tunnel
                && tunnel.head().protocol() == null
                && exchange.getRequest().getMethod().equals(HttpMethod.valueOf("CONNECT"));
    }
}
