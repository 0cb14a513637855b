package org.masquerelay.egress.limit;

import java.util.List;

/// What one direction of a tunnel is held to: its own meter, and that which it shares with the
/// other tunnels of its tenant.
record Meters(List<Meter> all) {
    /// Whether a datagram may pass. One that may not is charged to none of them.
    boolean pass(int length, long nanoTime) {
        for (int i = 0; i < all.size(); i++) {
            if (!all.get(i).mayPass(nanoTime)) {
                return false;
            }
        }
        for (int i = 0; i < all.size(); i++) {
            all.get(i).charge(length, nanoTime);
        }
        return true;
    }

    /// Charges bytes of a stream, and returns how many nanoseconds the next ones have to wait.
    long stream(int length, long nanoTime) {
        long wait = 0;
        for (int i = 0; i < all.size(); i++) {
            wait = Math.max(wait, all.get(i).chargeStream(length, nanoTime));
        }
        return wait;
    }
}
