package org.masquerelay.egress.limit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// A token bucket that may be overdrawn: who finds a token left takes as many as needed, and nobody
/// finds one until that debt is filled up. So nothing is too large to pass, and the rate holds in
/// the long run.
///
/// Safe on any thread, without locks: its whole state is the one time at which the bucket is full
/// again, which every token taken moves on by what the token takes to be filled in. Threads that
/// find the same token left take one too many each, which is paid back like any debt.
final class TokenBucket {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final double nanosPerToken;
    private final long burstNanos;
    private final AtomicLong fullAt;

    /// A full bucket.
    ///
    /// @param perSecond tokens that are filled in; at least one
    /// @param burst how long an empty bucket takes to fill
    TokenBucket(long perSecond, Duration burst, long nanoTime) {
        this.nanosPerToken = NANOS_PER_SECOND / perSecond;
        this.burstNanos = burst.toNanos();
        this.fullAt = new AtomicLong(nanoTime);
    }

    boolean hasToken(long nanoTime) {
        return fullAt.get() - nanoTime < burstNanos;
    }

    /// Takes `tokens`, there or not, and returns in how many nanoseconds the bucket is out of debt.
    long take(int tokens, long nanoTime) {
        long cost = (long) (tokens * nanosPerToken);
        while (true) {
            long full = fullAt.get();
            long next = (full - nanoTime > 0 ? full : nanoTime) + cost;
            if (fullAt.compareAndSet(full, next)) {
                return Math.max(0, next - nanoTime - burstNanos);
            }
        }
    }

    /// In how many nanoseconds the bucket is full.
    long nanosUntilFull(long nanoTime) {
        return Math.max(0, fullAt.get() - nanoTime);
    }
}
