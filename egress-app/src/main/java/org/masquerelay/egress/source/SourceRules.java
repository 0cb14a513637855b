package org.masquerelay.egress.source;

import java.net.StandardProtocolFamily;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.masquerelay.egress.policy.Permit;
import org.masquerelay.transport.SourceAddress;
import org.masquerelay.tunnel.Tenant;

/// Chooses by tenant, and at random where there are several addresses.
public final class SourceRules implements SourceAddressSelector {
    private final SourceRule standard;
    private final Map<Tenant, SourceRule> tenants;
    private final RandomGenerator random;

    /// @param standard for tunnels of nobody or of other tenants
    /// @param random used by every event loop; nobody should foresee what it draws
    public SourceRules(
            SourceRule standard, Map<Tenant, SourceRule> tenants, RandomGenerator random) {
        this.standard = standard;
        this.tenants = Map.copyOf(tenants);
        this.random = random;
    }

    @Override
    public SourceAddress select(Permit permit, StandardProtocolFamily family) {
        return permit.tenant()
                .map(tenant -> tenants.getOrDefault(tenant, standard))
                .orElse(standard)
                .draw(family, random);
    }
}
