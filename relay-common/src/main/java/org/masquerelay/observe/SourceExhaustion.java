package org.masquerelay.observe;

import java.util.Locale;

/// What this machine had not left for the socket of a tunnel.
public enum SourceExhaustion {
    /// No port of the source address is free, for this target at least.
    PORTS,
    /// Every port that was tried rests after an earlier tunnel to the same target.
    RESTING,
    /// The source address is not this machine's, or its interface is gone.
    ADDRESS,
    /// The process or the machine has as many open files as it may.
    DESCRIPTORS;

    /// The value of the `reason` tag of `masque.source.exhausted`.
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
