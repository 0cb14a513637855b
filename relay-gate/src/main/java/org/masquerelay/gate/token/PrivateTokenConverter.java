package org.masquerelay.gate.token;

import org.masquerelay.gate.Admission.Credential;
import org.masquerelay.gate.CredentialFields;
import org.masquerelay.gate.CredentialsRefusedException;
import org.masquerelay.token.PrivateTokenCredentials;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/// Finds the token of a request, in Authorization (RFC 9577, section 2.2) or Proxy-Authorization.
final class PrivateTokenConverter implements ServerAuthenticationConverter {
    @Override
    public Mono<Authentication> convert(ServerWebExchange exchange) {
        for (String value : CredentialFields.values(exchange).toList()) {
            switch (PrivateTokenCredentials.parse(value)) {
                case PrivateTokenCredentials.Absent _ -> {}
                case PrivateTokenCredentials.Malformed _ -> {
                    return Mono.error(new CredentialsRefusedException(TokenFaults.MALFORMED));
                }
                case PrivateTokenCredentials.Presented(var token) -> {
                    var redemption = new Redemption(token);
                    exchange.getAttributes().put(Credential.ATTRIBUTE, redemption);
                    return Mono.just(new PrivateTokenAuthentication(redemption));
                }
            }
        }
        return Mono.empty();
    }
}
