package org.masquerelay.splice;

import java.time.Duration;

/// How long a tunnel may be silent, and how long it lingers.
///
/// @param idle nothing passes in either direction; zero stands for any time
/// @param afterClient the client of a TCP tunnel has finished, and nothing comes from the target;
///   zero stands for any time
/// @param drain the client of a TCP tunnel has finished and its connection is lost: until what it
///   has sent is with the target, which then ends, too; zero stands for no time
public record TunnelTimes(Duration idle, Duration afterClient, Duration drain) {
    /// With the same time for a target whose client has finished, and none to drain.
    public static TunnelTimes idle(Duration idle) {
        return new TunnelTimes(idle, idle, Duration.ZERO);
    }

    public TunnelTimes draining(Duration time) {
        return new TunnelTimes(idle, afterClient, time);
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
