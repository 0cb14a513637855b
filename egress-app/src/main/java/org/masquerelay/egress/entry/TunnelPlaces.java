package org.masquerelay.egress.entry;

import java.util.concurrent.atomic.AtomicInteger;

/// How many more tunnels a relay takes. Safe on any thread.
final class TunnelPlaces {
    private final int max;
    private final AtomicInteger taken = new AtomicInteger();

    /// @param max tunnels at the same time; 0 for any number
    TunnelPlaces(int max) {
        this.max = max;
    }

    /// Takes a place, or returns false when there is none. Each true is given back by one
    /// [#giveBack].
    boolean take() {
        if (taken.incrementAndGet() <= max || max == 0) {
            return true;
        }
        taken.decrementAndGet();
        return false;
    }

    void giveBack() {
        taken.decrementAndGet();
    }
}
