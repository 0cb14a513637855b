package org.masquerelay.cli.bench;

import java.util.Arrays;
import org.masquerelay.cli.bench.Measurement.Quantiles;

/// Counts round trips by their length, in buckets that are exact to two per cent, so that any
/// number of them takes the same memory. Confined to one thread.
final class RoundTrips {
    /// Buckets for each doubling: 2^-6 is the widest error.
    private static final int PRECISION_BITS = 6;

    private static final int BUCKETS_PER_DOUBLING = 1 << PRECISION_BITS;
    private static final double NANOS_PER_MICRO = 1000;

    private final long[] counts = new long[(Long.SIZE - PRECISION_BITS) * BUCKETS_PER_DOUBLING];
    private long total;

    void record(long nanos) {
        counts[bucketOf(Math.max(0, nanos))]++;
        total++;
    }

    void clear() {
        Arrays.fill(counts, 0);
        total = 0;
    }

    Quantiles quantiles() {
        return new Quantiles(micros(0.50), micros(0.99));
    }

    /// The smallest bucket that `share` of all round trips are in or below; 0 without any.
    long nanosAt(double share) {
        long wanted = Math.max(1, (long) Math.ceil(share * total));
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return middleOf(i);
            }
        }
        return 0;
    }

    private double micros(double share) {
        return nanosAt(share) / NANOS_PER_MICRO;
    }

    private static int bucketOf(long nanos) {
        int doublings = Long.SIZE - Long.numberOfLeadingZeros(nanos) - PRECISION_BITS - 1;
        if (doublings <= 0) {
            return (int) nanos;
        }
        int within = (int) (nanos >>> doublings) - BUCKETS_PER_DOUBLING;
        return (doublings + 1) * BUCKETS_PER_DOUBLING + within;
    }

    private static long middleOf(int bucket) {
        int doublings = bucket / BUCKETS_PER_DOUBLING - 1;
        if (doublings <= 0) {
            return bucket;
        }
        long lowest = (long) (bucket % BUCKETS_PER_DOUBLING + BUCKETS_PER_DOUBLING) << doublings;
        return lowest + (1L << (doublings - 1));
    }
}
