package org.masquerelay.ingress.gate;

import java.util.List;
import org.masquerelay.ingress.gate.TokenRefusedException.Why;
import org.masquerelay.token.PrivateTokenCredentials;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/// Finds the token of a request, in Authorization or in Proxy-Authorization.
///
/// RFC 9577 puts it into Authorization; clients that know CONNECT only as a proxy's method send
/// Proxy-Authorization.
final class PrivateTokenConverter implements ServerAuthenticationConverter {
    static final List<String> FIELDS =
            List.of(HttpHeaders.AUTHORIZATION, HttpHeaders.PROXY_AUTHORIZATION);

    @Override
    public Mono<Authentication> convert(ServerWebExchange exchange) {
        for (String field : FIELDS) {
            for (String value : exchange.getRequest().getHeaders().getOrEmpty(field)) {
                switch (PrivateTokenCredentials.parse(value)) {
                    case PrivateTokenCredentials.Absent _ -> {}
                    case PrivateTokenCredentials.Malformed _ -> {
                        return Mono.error(new TokenRefusedException(Why.MALFORMED));
                    }
                    case PrivateTokenCredentials.Presented(var token) -> {
                        var redemption = new Redemption(token);
                        exchange.getAttributes().put(Redemption.ATTRIBUTE, redemption);
                        return Mono.just(PrivateTokenAuthentication.presented(redemption));
                    }
                }
            }
        }
        return Mono.empty();
    }
}
