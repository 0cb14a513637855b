package org.masquerelay.egress.opening;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// How many tunnels a tenant may open. Those that it has not opened it may open later at once, but
/// never more than `tunnels`.
///
/// @param tunnels 1 to 1,000,000
/// @param per the time in which so many may be opened over and over again; 1 s to 1 d
public record OpeningLimit(int tunnels, Duration per) {
    private static final int MOST = 1_000_000;

    public OpeningLimit {
        if (tunnels < 1
                || tunnels > MOST
                || per.compareTo(Duration.ofSeconds(1)) < 0
                || per.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "limit: "
                            + tunnels
                            + " in "
                            + per
                            + " (expected: 1 to "
                            + MOST
                            + " in 1 s to 1 d)");
        }
    }

    /// After how long one more may be opened; at least a microsecond.
    long nanosPerTunnel() {
        return per.toNanos() / tunnels;
    }

    /// `nanos` as Retry-After says it: whole seconds, so that nobody comes too early.
    static long seconds(long nanos) {
        long second = TimeUnit.SECONDS.toNanos(1);
        return Math.max(1, Math.ceilDiv(nanos, second));
    }
}
