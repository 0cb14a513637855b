package org.masquerelay.testkit;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// How much DATA the peer of a [RawH2Client] is willing to take (RFC 9113, section 5.2.1). Shared
/// between the reader and those who send.
final class H2SendWindows {
    private static final int LIMIT_SECONDS = 10;
    private static final int CONNECTION = 0;
    private static final long INITIAL = 65_535;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // By stream, with the connection as stream 0; all guarded by the lock.
    private final Map<Integer, Long> sent = new HashMap<>();
    private final Map<Integer, Long> updates = new HashMap<>();
    private long initial = INITIAL;
    private boolean ended;

    /// SETTINGS_INITIAL_WINDOW_SIZE, which applies to all streams, but not to the connection.
    void initial(long size) {
        change(() -> initial = size);
    }

    void update(int streamId, long increment) {
        change(() -> updates.merge(streamId, increment, Long::sum));
    }

    void sent(int streamId, long count) {
        change(() -> add(streamId, count));
    }

    void end() {
        change(() -> ended = true);
    }

    /// The sum of all increments.
    long updates(int streamId) {
        lock.lock();
        try {
            return updates.getOrDefault(streamId, 0L);
        } finally {
            lock.unlock();
        }
    }

    /// Waits until at least one byte may be sent, and takes up to so many.
    int take(int streamId, int wanted) throws InterruptedException {
        lock.lock();
        try {
            long nanos = TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
            while (left(streamId) <= 0 && !ended) {
                nanos = changed.awaitNanos(nanos);
                if (nanos <= 0) {
                    throw new AssertionError("no window within " + LIMIT_SECONDS + " s");
                }
            }
            // Without a connection, writing tells.
            int taken = ended ? wanted : (int) Math.min(wanted, left(streamId));
            add(streamId, taken);
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private long left(int streamId) {
        return Math.min(INITIAL + balance(CONNECTION), initial + balance(streamId));
    }

    private long balance(int streamId) {
        return updates.getOrDefault(streamId, 0L) - sent.getOrDefault(streamId, 0L);
    }

    private void add(int streamId, long count) {
        sent.merge(CONNECTION, count, Long::sum);
        sent.merge(streamId, count, Long::sum);
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
