package org.masquerelay.egress.opening;

import java.util.concurrent.atomic.LongAdder;

/// What became of openings, for the meters. Any thread.
public final class OpeningCounts {
    private final LongAdder refused = new LongAdder();
    private final LongAdder unchecked = new LongAdder();
    private final LongAdder failures = new LongAdder();

    Turn refuse(long nanos) {
        refused.increment();
        return new Turn.Later(OpeningLimit.seconds(nanos));
    }

    void unchecked() {
        unchecked.increment();
    }

    void failure() {
        failures.increment();
    }

    /// Tunnels refused because their tenant has opened as many as it may.
    public long refusals() {
        return refused.sum();
    }

    /// Openings that were not held against what other relays know.
    public long uncheckedOpenings() {
        return unchecked.sum();
    }

    /// Questions to the shared store without an answer.
    public long storeFailures() {
        return failures.sum();
    }
}
