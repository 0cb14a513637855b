package org.masquerelay.gate.directory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.VoprfVerifyingKey;
import org.masquerelay.token.issuance.DirectoryTrust;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/// Follows the directory of one issuer for as long as the relay runs.
///
/// [DirectoryTrust] decides what is trusted and when to look again; this fetches, a little before
/// it has to, so that many relays do not come at once, and ever later while the issuer stays away.
/// One fetch at a time, in the background; any thread may ask for the [State].
public final class FollowedDirectory implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FollowedDirectory.class);

    /// The share of a waiting time that is left to chance.
    private static final double JITTER = 0.1;

    private static final int MAX_DOUBLINGS = 6;

    private final Parts parts;
    private final DirectoryFetcher fetcher;
    private final Consumer<TrustedIssuer> then;
    private final AtomicReference<State> state;
    private volatile @Nullable Disposable next;
    private volatile boolean closed;

    /// @param then told of every change of what is trusted, on a thread of the fetcher
    FollowedDirectory(Parts parts, DirectoryFetcher fetcher, Consumer<TrustedIssuer> then) {
        this.parts = parts;
        this.fetcher = fetcher;
        this.then = then;
        this.state =
                new AtomicReference<>(
                        new State(DirectoryTrust.none(parts.policy), 0, Optional.empty()));
    }

    /// @param name the issuer, as challenges name it
    /// @param own private halves of those of its keys that verify nothing in public
    /// @param timer where waiting ends; disposed of by who made it
    record Parts(
            String name,
            List<VoprfVerifyingKey> own,
            DirectoryTrust.Policy policy,
            InstantSource clock,
            RandomGenerator random,
            Scheduler timer) {
        Parts {
            own = List.copyOf(own);
        }
    }

    /// What is known of the issuer.
    ///
    /// @param failures in a row
    /// @param problem of the last one
    record State(DirectoryTrust trust, int failures, Optional<String> problem) {}

    /// Begins, and tells whether the first fetch gave a directory; never an error.
    Mono<Boolean> start() {
        var first = round().cache();
        first.subscribe();
        return first.map(after -> after.failures == 0);
    }

    private Mono<State> round() {
        return fetcher.fetch()
                .map(this::fetched)
                .onErrorResume(failure -> Mono.just(failed(failure)))
                .doOnNext(this::publish);
    }

    private State fetched(DirectoryFetcher.Fetched fetched) {
        try {
            var trust =
                    state.get()
                            .trust
                            .fetched(
                                    fetched.body().toArray(),
                                    fetched.freshness(),
                                    parts.clock.instant());
            return new State(trust, 0, Optional.empty());
        } catch (TokenFormatException e) {
            return failed(e);
        }
    }

    private State failed(Throwable failure) {
        var before = state.get();
        String problem = problemOf(failure);
        if (before.failures == 0) {
            LOG.warn("The directory of the token issuer {} {}", parts.name, problem);
        }
        var trust = before.trust.failed(parts.clock.instant());
        return new State(
                trust, Math.min(before.failures + 1, Integer.MAX_VALUE - 1), Optional.of(problem));
    }

    private static String problemOf(Throwable failure) {
        return switch (failure) {
            case DirectoryException ours -> String.valueOf(ours.getMessage());
            case TokenFormatException ours -> "cannot be read: " + ours.getMessage();
            case TimeoutException _ -> "did not come in time";
            default -> "cannot be fetched: " + rootOf(failure).getClass().getSimpleName();
        };
    }

    private static Throwable rootOf(Throwable failure) {
        var cause = failure;
        for (var next = cause.getCause(); next != null; next = cause.getCause()) {
            cause = next;
        }
        return cause;
    }

    /// Told first: whoever sees the state knows that tokens are judged by it.
    private void publish(State after) {
        tell(after);
        state.set(after);
        schedule();
    }

    private void tell(State of) {
        then.accept(of.trust.issuer(parts.name, parts.own, parts.clock.instant()));
    }

    /// Until the next fetch, or until what is trusted changes by itself.
    private void schedule() {
        var now = parts.clock.instant();
        var refresh = now.plus(untilRefresh(now));
        var change = state.get().trust.changesAt(now);
        boolean changesFirst = change.isBefore(refresh);
        var wait = Duration.between(now, changesFirst ? change : refresh);
        var planned =
                Mono.delay(wait.isNegative() ? Duration.ZERO : wait, parts.timer)
                        .flatMap(_ -> changesFirst ? Mono.fromRunnable(this::changed) : round())
                        .subscribe();
        next = planned;
        if (closed) {
            planned.dispose();
        }
    }

    private void changed() {
        tell(state.get());
        schedule();
    }

    Duration untilRefresh(Instant now) {
        var current = state.get();
        var wait = Duration.between(now, current.trust.refreshAt());
        if (current.failures > 1) {
            var longer = wait.multipliedBy(1L << Math.min(current.failures - 1, MAX_DOUBLINGS));
            var longest = parts.policy.maxRefresh();
            wait = longer.compareTo(longest) > 0 ? longest : longer;
        }
        double share = 1 - JITTER * parts.random.nextDouble();
        return Duration.ofMillis((long) (wait.toMillis() * share));
    }

    String name() {
        return parts.name;
    }

    State state() {
        return state.get();
    }

    /// How many keys are trusted now.
    int keys() {
        return state.get().trust.keys(parts.clock.instant()).size();
    }

    @Override
    public void close() {
        closed = true;
        var planned = next;
        if (planned != null) {
            planned.dispose();
        }
    }
}
