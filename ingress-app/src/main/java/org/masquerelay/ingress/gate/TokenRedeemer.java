package org.masquerelay.ingress.gate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.masquerelay.ingress.gate.TokenRefusedException.Why;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.token.SpentTokenStore.AlreadySpent;
import org.masquerelay.token.SpentTokenStore.Full;
import org.masquerelay.token.SpentTokenStore.Reservation;
import org.masquerelay.token.SpentTokenStore.Reserved;
import org.masquerelay.token.TokenVerifier;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import reactor.core.publisher.Mono;

/// Verifies a token and reserves it. What it costs to verify is paid on the event loop: less than
/// handing the request to another thread and back.
final class TokenRedeemer implements ReactiveAuthenticationManager {
    private final TokenVerifier verifier;
    private final SpentTokenStore spent;

    TokenRedeemer(TokenVerifier verifier, SpentTokenStore spent) {
        this.verifier = verifier;
        this.spent = spent;
    }

    @Override
    public Mono<Authentication> authenticate(Authentication authentication) {
        if (!(authentication instanceof PrivateTokenAuthentication presented)) {
            return Mono.empty();
        }
        var redemption = presented.redemption();
        return switch (verifier.verify(redemption.token())) {
            case VALID -> reserve(redemption);
            case STALE_CHALLENGE -> refused(Why.STALE);
            case UNKNOWN_KEY, BAD_SIGNATURE -> refused(Why.NOT_GENUINE);
        };
    }

    private Mono<Authentication> reserve(Redemption redemption) {
        var reservation = spent.reserve(redemption.token()).toCompletableFuture();
        // Not part of the chain below: also what comes after a refusal has to be given back.
        reservation.thenAccept(outcome -> {
            if (outcome instanceof Reserved reserved) {
                redemption.hold(reserved);
            }
        });
        return Mono.fromFuture(reservation, true)
                .onErrorMap(_ -> new TokenRefusedException(Why.STORE_FAILED))
                .flatMap(outcome -> redeemed(outcome, redemption));
    }

    private static Mono<Authentication> redeemed(Reservation outcome, Redemption redemption) {
        return switch (outcome) {
            case Reserved _ ->
                    earlierAuthorities()
                            .map(authorities ->
                                    PrivateTokenAuthentication.redeemed(redemption, authorities));
            case AlreadySpent _ -> refused(Why.SPENT);
            case Full _ -> refused(Why.NO_ROOM);
        };
    }

    /// The last success names the request for good, so it keeps what earlier ones granted.
    private static Mono<Collection<GrantedAuthority>> earlierAuthorities() {
        Collection<GrantedAuthority> alone = List.of(PrivateTokenAuthentication.AUTHORITY);
        return ReactiveSecurityContextHolder.getContext()
                .mapNotNull(context -> context.getAuthentication())
                .map(earlier -> {
                    Collection<GrantedAuthority> all = new ArrayList<>(alone);
                    all.addAll(earlier.getAuthorities());
                    return all;
                })
                .defaultIfEmpty(alone);
    }

    private static Mono<Authentication> refused(Why why) {
        return Mono.error(new TokenRefusedException(why));
    }
}
