package org.masquerelay.splice;

import java.time.Duration;

/// How long a tunnel may be silent. Zero stands for any time.
///
/// @param idle nothing passes in either direction
/// @param afterClient the client of a TCP tunnel has finished, and nothing comes from the target
public record TunnelTimes(Duration idle, Duration afterClient) {
    /// With the same time for a target whose client has finished.
    public static TunnelTimes idle(Duration idle) {
        return new TunnelTimes(idle, idle);
    }

    /// Of two times the shorter, where zero is longest.
    Duration halfClosed() {
        if (!afterClient.isPositive()) {
            return idle;
        }
        return idle.isPositive() && idle.compareTo(afterClient) < 0 ? idle : afterClient;
    }

    /// How many of the checks, of which there are so many in [#halfClosed], make the idle time.
    long checksWhileHeld(int checksPerTime) {
        return idle.isPositive()
                ? Math.ceilDiv(idle.toNanos() * checksPerTime, halfClosed().toNanos())
                : Long.MAX_VALUE;
    }
}
