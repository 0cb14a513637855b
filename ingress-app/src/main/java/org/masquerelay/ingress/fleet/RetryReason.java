package org.masquerelay.ingress.fleet;

import java.util.Locale;

/// Why a tunnel went to another egress than the one it was meant for: that one has done nothing for
/// it.
public enum RetryReason {
    /// No connection came up.
    UNREACHABLE,
    /// No connection was up in time; it may yet come up.
    SLOW,
    /// The connection was lost before the answer.
    LOST,
    /// The egress takes no more tunnels, as it drains.
    DRAINING,
    /// The egress, or every connection to it, has as many tunnels as it takes, or the egress is
    /// overloaded.
    FULL,
    /// What stands before the egress has said 503.
    UNAVAILABLE;

    /// The value of the `reason` tag of `masque.upstream.retries`.
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
