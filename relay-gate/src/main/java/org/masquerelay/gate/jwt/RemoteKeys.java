package org.masquerelay.gate.jwt;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/// Keys that an issuer publishes, fetched again when they are old or when a token names one that is
/// not among them.
///
/// The keys are an immutable snapshot in one `volatile` field. At most one fetch is under way, and
/// between two of them is a pause, so that tokens with made-up key names do not turn the relay
/// against the issuer. Those who wait share the fetch. A fetch that fails leaves the keys as they
/// are, however old.
public final class RemoteKeys implements JwtKeys {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteKeys.class);

    private final Mono<KeySet> source;
    private final Duration maxAge;
    private final Duration pause;
    private final InstantSource clock;
    private final AtomicReference<Fetch> latest =
            new AtomicReference<>(
                    new Fetch(Instant.MIN, CompletableFuture.completedFuture(KeySet.NONE)));
    private volatile Snapshot known = new Snapshot(KeySet.NONE, Instant.MIN);

    private record Snapshot(KeySet keys, Instant fetched) {}

    /// @param result the keys known after it; never fails
    private record Fetch(Instant started, CompletableFuture<KeySet> result) {}

    /// @param source fetches the keys for each subscriber, without blocking; with a time-out
    /// @param maxAge how old the keys may get before they are fetched again
    /// @param pause the time between the starts of two fetches
    public RemoteKeys(Mono<KeySet> source, Duration maxAge, Duration pause, InstantSource clock) {
        this.source = source;
        this.maxAge = maxAge;
        this.pause = pause;
        this.clock = clock;
    }

    /// Old keys are as good as new ones until the new ones are there.
    @Override
    public KeySet current() {
        var now = known;
        if (isOver(now.fetched(), maxAge)) {
            fetch();
        }
        return now.keys();
    }

    @Override
    public Mono<KeySet> newer() {
        // One who goes away does not cancel the fetch for the others.
        return Mono.defer(() -> Mono.fromFuture(fetch(), true));
    }

    private boolean isOver(Instant start, Duration time) {
        return start.equals(Instant.MIN) || !clock.instant().isBefore(start.plus(time));
    }

    private CompletableFuture<KeySet> fetch() {
        var last = latest.get();
        if (!last.result().isDone() || !isOver(last.started(), pause)) {
            return last.result();
        }
        var next = new Fetch(clock.instant(), new CompletableFuture<>());
        if (!latest.compareAndSet(last, next)) {
            return latest.get().result();
        }
        source.subscribe(
                keys -> fetched(next, keys),
                failure -> failed(next, failure),
                () -> next.result().complete(known.keys()));
        return next.result();
    }

    private void fetched(Fetch fetch, KeySet keys) {
        known = new Snapshot(keys, clock.instant());
        fetch.result().complete(keys);
    }

    private void failed(Fetch fetch, Throwable failure) {
        var before = known.keys();
        LOG.warn(
                "The keys of relay.auth.jwt cannot be fetched: {}; {}",
                failure.getMessage(),
                before.equals(KeySet.NONE)
                        ? "no token can be verified"
                        : "those fetched before stay in use");
        fetch.result().complete(before);
    }
}
