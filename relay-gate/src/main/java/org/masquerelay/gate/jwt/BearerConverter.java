package org.masquerelay.gate.jwt;

import org.masquerelay.gate.CredentialFields;
import org.masquerelay.gate.CredentialsRefusedException;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/// Finds the bearer token of a request, in Authorization (RFC 6750, section 2.1) or
/// Proxy-Authorization.
record BearerConverter(BearerChallenges challenges) implements ServerAuthenticationConverter {
    /// In characters; those of authorization servers have about a thousand.
    private static final int MAX_LENGTH = 8 * 1024;

    @Override
    public Mono<Authentication> convert(ServerWebExchange exchange) {
        var values = CredentialFields.values(exchange, JwtScheme.AUTH_SCHEME).distinct().toList();
        return switch (values.size()) {
            case 0 -> Mono.empty();
            case 1 ->
                    isWellFormed(values.getFirst())
                            ? Mono.just(new BearerToken(values.getFirst()))
                            : Mono.error(challenges.refusal(JwtFaults.MALFORMED));
            default -> Mono.error(new CredentialsRefusedException(JwtFaults.TWO));
        };
    }

    /// Three parts of base64url, joined by dots (RFC 7515, section 7.1).
    private static boolean isWellFormed(String value) {
        return value.length() <= MAX_LENGTH
                && value.chars().filter(c -> c == '.').count() == 2
                && value.chars().allMatch(BearerConverter::isTokenCharacter);
    }

    private static boolean isTokenCharacter(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_'
                || c == '.';
    }
}
