package org.masquerelay.gate.issuer;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/// How much each client may have: a bucket that holds a burst, and fills at a steady rate.
///
/// Bounded: of too many clients, those not seen for longest are forgotten, which leaves them a full
/// bucket. Any thread that may wait for a moment.
final class TokenBuckets {
    private final Rate rate;
    private final int maxClients;
    private final Ticker ticker;
    private final ReentrantLock lock = new ReentrantLock();
    private final LinkedHashMap<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

    TokenBuckets(Rate rate, int maxClients, Ticker ticker) {
        this.rate = rate;
        this.maxClients = maxClients;
        this.ticker = ticker;
    }

    /// @param burst how much a bucket holds
    /// @param per how long it takes to fill
    record Rate(int burst, Duration per) {
        /// At most a century, so that sums of times do not overflow.
        long nanosForOne() {
            return Math.max(1, per.toNanos() / burst);
        }
    }

    /// A bucket is full at an instant that each taking moves on; so it needs no timer.
    private record Bucket(long fullAtNanos) {}

    /// Takes one, or tells how long it takes until there is one: zero if it was taken.
    Duration take(String client) {
        long now = ticker.nanoTime();
        lock.lock();
        try {
            var bucket = buckets.get(client);
            long fullAt = bucket == null || bucket.fullAtNanos - now < 0 ? now : bucket.fullAtNanos;
            long after = fullAt + rate.nanosForOne();
            long missing = after - now - rate.nanosForOne() * rate.burst;
            if (missing > 0) {
                return Duration.ofNanos(missing);
            }
            buckets.put(client, new Bucket(after));
            forgetTheEldest();
            return Duration.ZERO;
        } finally {
            lock.unlock();
        }
    }

    private void forgetTheEldest() {
        if (buckets.size() > maxClients) {
            Map.Entry<String, Bucket> eldest = buckets.firstEntry();
            buckets.remove(eldest.getKey());
        }
    }

    int size() {
        lock.lock();
        try {
            return buckets.size();
        } finally {
            lock.unlock();
        }
    }
}
