package org.masquerelay.egress.entry;

import java.util.function.Predicate;
import org.masquerelay.gate.Gate;
import org.masquerelay.tenant.TenantReader;
import org.masquerelay.tunnel.Peer;

/// Who may open tunnels, and how many.
///
/// @param relays who is let in without being asked, and believed about tenants
/// @param gate who else is
/// @param tenants reads what relays say of tenants
/// @param tenantRequired whether a tunnel that is nobody's is refused
/// @param limits how many tunnels there may be
public record EntryRules(
        Predicate<Peer> relays,
        Gate gate,
        TenantReader tenants,
        boolean tenantRequired,
        EntryLimits limits) {}
