package org.masquerelay.boot.ops;

import java.time.Duration;
import java.util.stream.IntStream;

/// The upper bounds of the buckets of histograms: few and fixed, as each is a series for every
/// combination of tags.
final class Buckets {
    private static final double KIBIBYTE = 1024;

    private Buckets() {}

    /// How long tunnels are open: from a question over DNS to a day's connection.
    static Duration[] durations() {
        return new Duration[] {
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofMinutes(1),
            Duration.ofMinutes(10),
            Duration.ofHours(1),
            Duration.ofHours(6)
        };
    }

    /// How long clients wait: for a handshake, or for a tunnel.
    static Duration[] waits() {
        return millis(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000);
    }

    static Duration[] roundTrips() {
        return millis(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000);
    }

    /// Bytes, from the first congestion window (RFC 9002, section 7.2) on.
    static double[] windows() {
        return new double[] {
            16 * KIBIBYTE,
            64 * KIBIBYTE,
            256 * KIBIBYTE,
            1024 * KIBIBYTE,
            4096 * KIBIBYTE,
            16384 * KIBIBYTE
        };
    }

    private static Duration[] millis(int... bounds) {
        return IntStream.of(bounds).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }
}
