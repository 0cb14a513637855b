package org.masquerelay.transport;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The secrets of Retry tokens: one for each epoch, of which two are good at a time.
///
/// Shared by the sockets of a listener: what crosses is one immutable snapshot.
final class RetryKeys {
    private final long epochMillis;
    private final InstantSource clock;
    private final Optional<RetrySecret> shared;
    private final AtomicReference<Pair> made;

    /// Secrets that nobody else has, of `epoch` and of the one before.
    private record Pair(long epoch, RetrySecret current, @Nullable RetrySecret previous) {
        Pair at(long later) {
            return new Pair(later, RetrySecret.random(), later == epoch + 1 ? current : null);
        }
    }

    RetryKeys(Duration rotation, Optional<RetrySecret> shared, InstantSource clock) {
        this.epochMillis = rotation.toMillis();
        this.shared = shared;
        this.clock = clock;
        long now = Math.floorDiv(clock.millis(), epochMillis);
        this.made = new AtomicReference<>(new Pair(now, RetrySecret.random(), null));
    }

    /// The epoch of this moment. It does not go back with the clock: what is gone is gone.
    long epoch() {
        long now = Math.floorDiv(clock.millis(), epochMillis);
        return shared.isPresent() ? now : Math.max(now, made.get().epoch());
    }

    /// The secret of `epoch`, or null when it is not good now. Relays that share one may disagree
    /// about the moment, so with them the next is good too.
    byte @Nullable [] of(long epoch) {
        long now = epoch();
        if (shared.isPresent()) {
            return Math.abs(now - epoch) <= 1 ? shared.get().ofEpoch(epoch) : null;
        }
        var pair = made.get();
        while (pair.epoch() < now) {
            made.compareAndSet(pair, pair.at(now)); // Another loop may have been faster.
            pair = made.get();
        }
        if (epoch == pair.epoch()) {
            return pair.current().bytes();
        }
        var before = pair.previous();
        return epoch == pair.epoch() - 1 && before != null ? before.bytes() : null;
    }
}
