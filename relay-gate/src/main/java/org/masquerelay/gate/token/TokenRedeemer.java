package org.masquerelay.gate.token;

import org.masquerelay.gate.CredentialsRefusedException;
import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.gate.TunnelAuthentication;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.token.SpentTokenStore.AlreadySpent;
import org.masquerelay.token.SpentTokenStore.Full;
import org.masquerelay.token.SpentTokenStore.Reservation;
import org.masquerelay.token.SpentTokenStore.Reserved;
import org.masquerelay.token.TrustedIssuers;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import reactor.core.publisher.Mono;

/// Verifies a token and reserves it. What it costs to verify is paid on the event loop: less than
/// handing the request to another thread and back.
final class TokenRedeemer implements ReactiveAuthenticationManager {
    private final TrustedIssuers issuers;
    private final SpentTokenStore spent;

    TokenRedeemer(TrustedIssuers issuers, SpentTokenStore spent) {
        this.issuers = issuers;
        this.spent = spent;
    }

    @Override
    public Mono<Authentication> authenticate(Authentication authentication) {
        if (!(authentication instanceof PrivateTokenAuthentication presented)) {
            return Mono.empty();
        }
        var redemption = presented.redemption();
        return switch (issuers.verify(redemption.token())) {
            case VALID -> reserve(redemption);
            case STALE_CHALLENGE -> refused(TokenFaults.STALE);
            case UNKNOWN_KEY, BAD_SIGNATURE -> refused(TokenFaults.NOT_GENUINE);
        };
    }

    private Mono<Authentication> reserve(Redemption redemption) {
        // Held before anybody learns of it, or an admission could be spent while nothing is held,
        // and what comes after would be given back. Also what comes after a refusal is held here.
        var reservation =
                spent.reserve(redemption.token())
                        .<Reservation>thenApply(outcome -> {
                            if (outcome instanceof Reserved reserved) {
                                redemption.hold(reserved);
                            }
                            return outcome;
                        })
                        .toCompletableFuture();
        return Mono.fromFuture(reservation, true)
                .onErrorMap(_ -> new CredentialsRefusedException(TokenFaults.STORE_FAILED))
                .flatMap(TokenRedeemer::redeemed);
    }

    private static Mono<Authentication> redeemed(Reservation outcome) {
        return switch (outcome) {
            case Reserved _ -> Mono.just(TunnelAuthentication.anonymous(PrivateTokenScheme.NAME));
            case AlreadySpent _ -> refused(TokenFaults.SPENT);
            case Full _ -> refused(TokenFaults.NO_ROOM);
        };
    }

    private static Mono<Authentication> refused(Why why) {
        return Mono.error(new CredentialsRefusedException(why));
    }
}
