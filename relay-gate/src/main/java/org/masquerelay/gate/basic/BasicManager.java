package org.masquerelay.gate.basic;

import java.util.function.Supplier;
import org.masquerelay.gate.CredentialsRefusedException;
import org.masquerelay.gate.TunnelAuthentication;
import org.masquerelay.gate.basic.PasswordVerifier.Outcome;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import reactor.core.publisher.Mono;

/// Judges a name and a password; the answer may come from a verifying thread.
record BasicManager(Supplier<Users> users, PasswordVerifier verifier)
        implements ReactiveAuthenticationManager {
    @Override
    public Mono<Authentication> authenticate(Authentication authentication) {
        if (!(authentication instanceof BasicAuthentication basic)) {
            return Mono.empty();
        }
        var outcome = verifier.verify(users.get(), basic.presented(), basic.client());
        // Others may wait for the same one: who goes away cancels only for themselves.
        return Mono.fromFuture(outcome.toCompletableFuture(), true)
                .flatMap(BasicManager::authentication);
    }

    private static Mono<Authentication> authentication(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Right(var tenant) ->
                    Mono.just(TunnelAuthentication.of(BasicScheme.NAME, tenant));
            case Outcome.Wrong _ -> Mono.error(new CredentialsRefusedException(BasicFaults.WRONG));
            case Outcome.Busy _ -> Mono.error(new CredentialsRefusedException(BasicFaults.BUSY));
            case Outcome.Throttled(var retryAfter) ->
                    Mono.error(
                            new CredentialsRefusedException(
                                    BasicFaults.TOO_MANY_FAILURES, retryAfter));
        };
    }
}
