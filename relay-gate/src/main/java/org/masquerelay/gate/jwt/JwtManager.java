package org.masquerelay.gate.jwt;

import com.nimbusds.jwt.SignedJWT;
import org.masquerelay.gate.TunnelAuthentication;
import org.masquerelay.gate.jwt.JwtVerifier.Verdict;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import reactor.core.publisher.Mono;

/// Judges a bearer token: on the event loop with a key that is known, and after the issuer was
/// asked for newer keys with one that is not.
record JwtManager(JwtVerifier verifier, JwtKeys keys, BearerChallenges challenges)
        implements ReactiveAuthenticationManager {
    @Override
    public Mono<Authentication> authenticate(Authentication authentication) {
        if (!(authentication instanceof BearerToken presented)) {
            return Mono.empty();
        }
        var token = verifier.read(presented.value());
        if (token.isEmpty()) {
            return Mono.error(challenges.refusal(JwtFaults.NOT_ALLOWED));
        }
        var known = keys.current();
        return known.has(token.get().getHeader())
                ? judge(token.get(), known)
                : keys.newer().flatMap(newer -> judge(token.get(), newer));
    }

    private Mono<Authentication> judge(SignedJWT token, KeySet with) {
        return switch (verifier.verify(token, with)) {
            case Verdict.Good(var tenant) ->
                    Mono.just(TunnelAuthentication.of(JwtScheme.NAME, tenant));
            case Verdict.Bad(var why) -> Mono.error(challenges.refusal(why));
        };
    }
}
