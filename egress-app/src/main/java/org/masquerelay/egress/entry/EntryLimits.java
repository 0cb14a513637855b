package org.masquerelay.egress.entry;

import org.masquerelay.egress.opening.Openings;

/// How many tunnels there may be.
///
/// @param maxTunnels that are open at a time; 0 for any number
/// @param maxTunnelsPerTenant tunnels that one tenant may have at a time; 0 for any number
/// @param openings how fast a tenant may open them
public record EntryLimits(int maxTunnels, int maxTunnelsPerTenant, Openings openings) {
    /// Any number, at any speed.
    public static final EntryLimits NONE = new EntryLimits(0, 0, Openings.UNLIMITED);
}
