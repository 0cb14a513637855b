package org.masquerelay.egress.limit;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Holds one direction of one tunnel, or of all tunnels of a tenant, to its [Rates]. Safe on any
/// thread; nothing is allocated as traffic passes.
final class Meter {
    private final @Nullable TokenBucket packets;
    private final @Nullable TokenBucket bytes;

    Meter(Rates rates, long nanoTime) {
        this.packets = bucket(rates.packetsPerSecond(), rates.burst(), nanoTime);
        this.bytes = bucket(rates.bytesPerSecond(), rates.burst(), nanoTime);
    }

    private static @Nullable TokenBucket bucket(long perSecond, Duration burst, long nanoTime) {
        return perSecond == 0 ? null : new TokenBucket(perSecond, burst, nanoTime);
    }

    /// Whether a datagram may pass, for which [#charge] is then called.
    boolean mayPass(long nanoTime) {
        return (packets == null || packets.hasToken(nanoTime))
                && (bytes == null || bytes.hasToken(nanoTime));
    }

    void charge(int datagramLength, long nanoTime) {
        if (packets != null) {
            packets.take(1, nanoTime);
        }
        if (bytes != null) {
            bytes.take(datagramLength, nanoTime);
        }
    }

    /// Charges bytes of a stream, and returns how many nanoseconds the next ones have to wait.
    long chargeStream(int length, long nanoTime) {
        return bytes == null ? 0 : bytes.take(length, nanoTime);
    }

    long nanosUntilFull(long nanoTime) {
        return Math.max(
                packets == null ? 0 : packets.nanosUntilFull(nanoTime),
                bytes == null ? 0 : bytes.nanosUntilFull(nanoTime));
    }
}
