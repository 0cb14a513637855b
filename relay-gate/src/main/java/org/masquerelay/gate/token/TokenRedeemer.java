package org.masquerelay.gate.token;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.masquerelay.gate.CredentialsRefusedException;
import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.gate.TunnelAuthentication;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.token.SpentTokenStore.AlreadySpent;
import org.masquerelay.token.SpentTokenStore.Full;
import org.masquerelay.token.SpentTokenStore.Reservation;
import org.masquerelay.token.SpentTokenStore.Reserved;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenVerifier.Verdict;
import org.masquerelay.token.TrustedIssuers;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import reactor.core.publisher.Mono;

/// Verifies a token and reserves it.
///
/// A publicly verifiable token is verified on the event loop: that takes less than handing the
/// request to another thread and back. One of the other type takes twenty times as long, which the
/// tunnels of the loop would feel, so other threads do it, on half of the processors at most: a
/// thread that computes keeps its processor until the kernel's next tick, and the loops need one
/// meanwhile.
final class TokenRedeemer implements ReactiveAuthenticationManager {
    /// Tuning: whoever comes behind so many waits for a quarter of a second or more.
    private static final int MAX_UNDER_WAY = 256;

    private static final int IDLE_SECONDS = 10;

    private final TrustedIssuers issuers;
    private final SpentTokenStore spent;
    private final Semaphore places;
    private final Executor verifiers = halfOfTheProcessors();

    TokenRedeemer(TrustedIssuers issuers, SpentTokenStore spent) {
        this(issuers, spent, MAX_UNDER_WAY);
    }

    /// @param underWay verifications elsewhere at a time; no token passes beyond
    TokenRedeemer(TrustedIssuers issuers, SpentTokenStore spent, int underWay) {
        this.issuers = issuers;
        this.spent = spent;
        this.places = new Semaphore(underWay);
    }

    @Override
    public Mono<Authentication> authenticate(Authentication authentication) {
        if (!(authentication instanceof PrivateTokenAuthentication presented)) {
            return Mono.empty();
        }
        var redemption = presented.redemption();
        return switch (redemption.token().type()) {
            case BLIND_RSA -> decide(issuers.verify(redemption.token()), redemption);
            case VOPRF ->
                    Mono.fromFuture(verifyElsewhere(redemption.token()))
                            .flatMap(verdict -> decide(verdict, redemption));
        };
    }

    private CompletableFuture<Verdict> verifyElsewhere(Token token) {
        if (!places.tryAcquire()) {
            return CompletableFuture.failedFuture(
                    new CredentialsRefusedException(TokenFaults.NO_ROOM));
        }
        return CompletableFuture.supplyAsync(() -> verify(token), verifiers)
                .thenApplyAsync(Function.identity(), TokenRedeemer::goOn);
    }

    private Verdict verify(Token token) {
        try {
            return issuers.verify(token);
        } finally {
            places.release();
            giveWay();
        }
    }

    /// What else the gate does may wait for a store, and is not to keep other tokens waiting.
    private static void goOn(Runnable rest) {
        Thread.ofVirtual().name("relay-token").start(rest);
    }

    /// Between two verifications a loop that waits for this processor gets it.
    @SuppressWarnings("ThreadPriorityCheck") // What is right does not depend on it.
    private static void giveWay() {
        Thread.yield();
    }

    /// Threads that end when there is nothing to verify.
    private static Executor halfOfTheProcessors() {
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        var executor =
                new ThreadPoolExecutor(
                        threads,
                        threads,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().daemon().name("relay-verifier-", 0).factory());
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    private Mono<Authentication> decide(Verdict verdict, Redemption redemption) {
        return switch (verdict) {
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
