package org.masquerelay.egress.opening;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way to Redis, and whether it answers.
///
/// After a question without an answer it counts as away, until it answers a probe: once a second,
/// on a virtual thread that may wait, where it is connected to as well. Any thread.
final class RedisLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
    private static final Duration BETWEEN_PROBES = Duration.ofSeconds(1);

    private final Callable<RedisBuckets> connect;
    private final WhenUnavailable policy;
    private final OpeningCounts counts;
    private final InstantSource clock;
    private final AtomicReference<@Nullable RedisBuckets> connected = new AtomicReference<>();

    /// Since when there have been no answers; null while there are.
    private final AtomicReference<@Nullable Instant> away = new AtomicReference<>();

    private final AtomicBoolean logged = new AtomicBoolean();
    private final AtomicBoolean probing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    /// Starts to connect, and is away until that is done.
    RedisLink(
            Callable<RedisBuckets> connect,
            WhenUnavailable policy,
            OpeningCounts counts,
            InstantSource clock) {
        this.connect = connect;
        this.policy = policy;
        this.counts = counts;
        this.clock = clock;
        this.away.set(clock.instant());
    }

    /// Null while there are no answers to be had.
    @Nullable RedisBuckets buckets() {
        return away.get() == null ? connected.get() : null;
    }

    @Nullable Instant awaySince() {
        return away.get();
    }

    void failed(Throwable failure) {
        counts.failure();
        away.compareAndSet(null, clock.instant());
        logOnce(failure);
        probe();
    }

    private void logOnce(Throwable failure) {
        if (logged.compareAndSet(false, true)) {
            // Its message could name an address; its kind says what an operator needs.
            LOG.warn(
                    "The Redis that counts tunnels of tenants does not answer ({}): {}",
                    cause(failure).getClass().getSimpleName(),
                    policy.text());
        }
    }

    private static Throwable cause(Throwable failure) {
        var cause = failure.getCause();
        boolean isWrapper =
                failure instanceof CompletionException || failure instanceof ExecutionException;
        return isWrapper && cause != null ? cause : failure;
    }

    /// One at a time.
    void probe() {
        if (closed.getCount() > 0 && probing.compareAndSet(false, true)) {
            Thread.ofVirtual().name("relay-openings").start(this::untilItAnswers);
        }
    }

    private void untilItAnswers() {
        try {
            while (!reach()) {
                if (closed.await(BETWEEN_PROBES.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
            probing.set(false); // First: a failure from here on starts the next probe.
            if (away.getAndSet(null) != null) {
                LOG.info("The Redis that counts tunnels of tenants answers");
            }
            logged.set(false);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // Nobody does that but who ends the process.
        }
    }

    private boolean reach() throws InterruptedException {
        try {
            var buckets = connected.get();
            if (buckets == null) {
                buckets = connect.call();
                connected.set(buckets);
            }
            buckets.ping().get();
            return true;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            logOnce(e);
            return false;
        }
    }

    /// Asks now whether it answers. Blocks for the time-out of an answer at most.
    boolean answers() {
        var buckets = buckets();
        if (buckets == null) {
            return false;
        }
        try {
            buckets.ping().get();
            return true;
        } catch (ExecutionException e) {
            failed(e);
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Stops asking; the connection is somebody else's.
    @Override
    public void close() {
        closed.countDown();
    }
}
