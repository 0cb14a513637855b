package org.masquerelay.ingress.fleet;

import java.util.Locale;

/// What counts against an egress. What a target does, and what a policy forbids, does not.
public enum FailureCause {
    /// A connection did not come up: no route, no answer, no trust.
    CONNECT,
    /// A connection was lost with requests on it.
    LOST,
    /// A request had no answer in time, on a connection that is up.
    TIMEOUT,
    /// 502, 503 or 504 without a word of a relay: from what stands before the egress.
    GATEWAY;

    /// The value of the `cause` tag of `masque.upstream.ejections`.
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
