package org.masquerelay.observe;

import java.util.Locale;

/// How the look-up of a target's name ended; where the families of addresses differ, the first of
/// these that applies to one.
public enum LookupOutcome {
    /// A server said that there are addresses.
    FOUND,
    /// No server answered in time.
    TIMEOUT,
    /// A server answered that it cannot, or what cannot be used.
    FAILED,
    /// There is no such name.
    NO_NAME,
    /// The name has no address.
    NO_ADDRESS,
    /// All that was asked for was remembered, whatever it is.
    CACHED;

    /// The value of the `outcome` tag of `masque.dns.lookups`.
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
