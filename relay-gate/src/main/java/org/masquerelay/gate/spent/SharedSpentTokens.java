package org.masquerelay.gate.spent;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.token.Token;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/// Lets every token pass once through all the ingresses that share one Redis.
///
/// A token is claimed here first, in the memory of this process, then in Redis under an owner that
/// is used once. Being there *is* being spent, so [SpentTokenStore.Reserved#commit] says nothing to
/// Redis, and a token whose ingress dies stays spent. Giving back removes the owner's own claim and
/// no other. A claim without an answer in time is refused, or admitted unchecked, as the policy
/// says; what it may have left in Redis is cleared up afterwards.
///
/// Nothing here blocks. Any thread; answers come on the driver's threads.
public final class SharedSpentTokens implements SpentTokenStore, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SharedSpentTokens.class);

    /// Tuning: claims to clear up take about 300 bytes each.
    private static final int MAX_UNSETTLED = 20_000;

    private static final Duration BETWEEN_PROBES = Duration.ofSeconds(1);

    private final SharedClaims claims;
    private final InMemorySpentTokens here;
    private final Supplier<Duration> life;
    private final WhenUnavailable policy;
    private final Claim.Desk desk;
    private final Unsettled unsettled;
    private final InstantSource clock;

    /// Since when the claims have been away; null while they answer.
    private final AtomicReference<@Nullable Instant> away = new AtomicReference<>();

    private final AtomicBoolean logged = new AtomicBoolean();
    private final AtomicBoolean probing = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final LongAdder unchecked = new LongAdder();
    private final LongAdder failures = new LongAdder();

    SharedSpentTokens(SharedClaims claims, Parts parts, InstantSource clock) {
        this.claims = claims;
        this.here = parts.here;
        this.life = parts.life;
        this.policy = parts.whenUnavailable;
        this.desk = new Claim.Desk(parts.keyPrefix);
        this.unsettled = new Unsettled(MAX_UNSETTLED, clock);
        this.clock = clock;
        this.away.set(clock.instant());
    }

    /// What the store is made of.
    ///
    /// @param here the tokens of this process
    /// @param life how long a token that is spent now has to be remembered, at the longest, by any
    ///   ingress
    /// @param keyPrefix what the keys begin with: letters, digits, colons
    /// @param timeout for each answer of Redis
    public record Parts(
            InMemorySpentTokens here,
            Supplier<Duration> life,
            String keyPrefix,
            Duration timeout,
            WhenUnavailable whenUnavailable) {}

    /// A store that starts to connect; until it has, Redis counts as away.
    public static SharedSpentTokens inRedis(ReactiveRedisConnectionFactory redis, Parts parts) {
        var claims = new RedisClaims(redis, parts.timeout);
        var store = new SharedSpentTokens(claims, parts, InstantSource.system());
        store.probe();
        return store;
    }

    @Override
    public CompletionStage<Reservation> reserve(Token token) {
        return switch (here.reserveNow(token)) {
            case Reserved own -> ask(desk.claim(token, life.get()), own);
            case AlreadySpent spent -> CompletableFuture.completedFuture(spent);
            case Full full -> CompletableFuture.completedFuture(full);
        };
    }

    /// Without a question while it is known that there is no answer: nothing piles up.
    private CompletionStage<Reservation> ask(Claim claim, Reserved own) {
        if (away.get() != null) {
            return withoutAnswer(claim, own, new IllegalStateException("the store is away"));
        }
        var answer = new CompletableFuture<Reservation>();
        claims.take(claim)
                .subscribe(
                        taken -> answer.complete(taken ? new Held(claim, own) : elsewhere(own)),
                        failure -> {
                            // What was asked may be done all the same, now or later.
                            if (policy == WhenUnavailable.FAIL_CLOSED) {
                                unsettled.free(claim);
                            }
                            failed(failure);
                            withoutAnswer(claim, own, failure)
                                    .whenComplete((reservation, refusal) -> {
                                        if (reservation == null) {
                                            answer.completeExceptionally(refusal);
                                        } else {
                                            answer.complete(reservation);
                                        }
                                    });
                        });
        return answer;
    }

    /// Spent at another ingress, or under way there: nothing that this process has to remember.
    private static Reservation elsewhere(Reserved own) {
        own.release();
        return new AlreadySpent();
    }

    private CompletionStage<Reservation> withoutAnswer(
            Claim claim, Reserved own, Throwable failure) {
        return switch (policy) {
            case FAIL_CLOSED -> {
                own.release();
                yield CompletableFuture.failedFuture(failure);
            }
            case FAIL_OPEN -> {
                unchecked.increment();
                yield CompletableFuture.completedFuture(new Unchecked(claim, own));
            }
        };
    }

    private void failed(Throwable failure) {
        failures.increment();
        away.compareAndSet(null, clock.instant());
        logOnce(failure);
        probe();
    }

    private void logOnce(Throwable failure) {
        if (logged.compareAndSet(false, true)) {
            // Its message could name an address; its kind says what an operator needs.
            LOG.warn(
                    "The store of spent tokens does not answer ({}): {}",
                    failure.getClass().getSimpleName(),
                    policy.text());
        }
    }

    /// Until the claims answer, and what was left has been said to them. One at a time.
    private void probe() {
        if (!probing.compareAndSet(false, true)) {
            return;
        }
        claims.reach()
                .then(Mono.defer(() -> unsettled.settle(claims)))
                .doOnError(this::logOnce)
                .retryWhen(
                        Retry.fixedDelay(Long.MAX_VALUE, BETWEEN_PROBES).filter(_ -> !closed.get()))
                .subscribe(_ -> {}, _ -> probing.set(false), this::answers);
    }

    private void answers() {
        probing.set(false); // First: a failure after the next line has to find it free.
        boolean wasAway = away.getAndSet(null) != null;
        logged.set(false);
        if (wasAway) {
            LOG.info("The store of spent tokens answers");
        }
        if (unsettled.size() > 0) {
            probe();
        }
    }

    /// Asks the claims now, for whoever wants to know: whether they answer.
    public Mono<Boolean> check() {
        return claims.reach()
                .thenReturn(true)
                .onErrorResume(failure -> {
                    failed(failure);
                    return Mono.just(false);
                })
                .map(reached -> reached && away.get() == null);
    }

    public Optional<Instant> awaySince() {
        return Optional.ofNullable(away.get());
    }

    public WhenUnavailable policy() {
        return policy;
    }

    /// How many tokens were admitted without asking the others.
    public long unchecked() {
        return unchecked.sum();
    }

    /// How many questions had no answer.
    public long failures() {
        return failures.sum();
    }

    /// How much is still to be said to the claims.
    public int unsettled() {
        return unsettled.size();
    }

    /// Stops asking; the connection is the factory's.
    @Override
    public void close() {
        closed.set(true);
    }

    /// A token that all ingresses know to be taken.
    private final class Held implements Reserved {
        private final Claim claim;
        private final Reserved own;
        private final AtomicBoolean settled = new AtomicBoolean();

        Held(Claim claim, Reserved own) {
            this.claim = claim;
            this.own = own;
        }

        @Override
        public void commit() {
            if (settled.compareAndSet(false, true)) {
                own.commit();
            }
        }

        @Override
        public void release() {
            if (settled.compareAndSet(false, true)) {
                free(claim);
                own.release();
            }
        }
    }

    private void free(Claim claim) {
        if (away.get() != null) {
            unsettled.free(claim);
            probe();
            return;
        }
        claims.free(claim)
                .subscribe(
                        _ -> {},
                        failure -> {
                            unsettled.free(claim);
                            failed(failure);
                        });
    }

    /// A token that only this process knows to be taken, though Redis may have been told.
    private final class Unchecked implements Reserved {
        private final Claim claim;
        private final Reserved own;
        private final AtomicBoolean settled = new AtomicBoolean();

        Unchecked(Claim claim, Reserved own) {
            this.claim = claim;
            this.own = own;
        }

        @Override
        public void commit() {
            if (settled.compareAndSet(false, true)) {
                own.commit();
                unsettled.take(claim);
                probe();
            }
        }

        @Override
        public void release() {
            if (settled.compareAndSet(false, true)) {
                unsettled.free(claim);
                own.release();
                probe();
            }
        }
    }
}
