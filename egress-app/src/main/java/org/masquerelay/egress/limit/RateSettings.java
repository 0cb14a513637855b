package org.masquerelay.egress.limit;

/// How fast tunnels may go, in each direction by itself.
///
/// @param tunnel one tunnel
/// @param tenant all tunnels of one tenant together
public record RateSettings(Rates tunnel, Rates tenant) {
    /// As fast as they can.
    public static final RateSettings NONE = new RateSettings(Rates.NONE, Rates.NONE);
}
