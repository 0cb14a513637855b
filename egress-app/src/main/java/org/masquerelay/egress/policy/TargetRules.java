package org.masquerelay.egress.policy;

import java.util.Set;
import java.util.function.Supplier;
import org.masquerelay.egress.rule.PortRanges;

/// What the operator says about where tunnels may go.
///
/// @param allowPrivate whether addresses outside the public address space are allowed without a
///   rule for their network
/// @param deniedPorts ports that no tunnel goes to, whatever the address
/// @param deny what no tunnel reaches
/// @param allow what tunnels reach, unless `deny` says otherwise
/// @param tenants what each tenant reaches of that; asked anew for every tunnel
/// @param prohibited how a tunnel without a permitted address is refused
public record TargetRules(
        boolean allowPrivate,
        PortRanges deniedPorts,
        TargetTable deny,
        TargetTable allow,
        Supplier<TenantRules> tenants,
        ProhibitedStatus prohibited) {

    /// With which status a tunnel is refused that has no permitted address.
    public enum ProhibitedStatus {
        /// 403, as most proxies have it.
        FORBIDDEN,
        /// 502, as RFC 9209, section 2.3.5 recommends.
        BAD_GATEWAY
    }

    /// Without rules beyond ports and address space.
    public TargetRules(boolean allowPrivate, Set<Integer> deniedPorts) {
        this(
                allowPrivate,
                PortRanges.of(deniedPorts),
                TargetTable.NOTHING,
                TargetTable.EVERYTHING,
                () -> TenantRules.UNLIMITED,
                ProhibitedStatus.FORBIDDEN);
    }
}
