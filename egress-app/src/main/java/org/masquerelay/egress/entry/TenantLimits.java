package org.masquerelay.egress.entry;

import java.util.concurrent.ConcurrentHashMap;
import org.masquerelay.tunnel.Tenant;

/// How many tunnels each tenant has, and whether it may have one more.
///
/// Safe on any thread, and asked only when a tunnel comes or goes. It holds no more entries than
/// there are tunnels, which the listeners limit.
final class TenantLimits {
    private final int perTenant;
    private final ConcurrentHashMap<Tenant, Integer> tunnels = new ConcurrentHashMap<>();

    /// @param perTenant tunnels that one tenant may have at the same time; 0 for any number
    TenantLimits(int perTenant) {
        this.perTenant = perTenant;
    }

    /// Counts a tunnel in, or returns false when the tenant has as many as it may. Each true is
    /// given back by one [#leave].
    boolean enter(Tenant tenant) {
        if (perTenant == 0) {
            return true;
        }
        while (true) {
            var count = tunnels.putIfAbsent(tenant, 1);
            if (count == null) {
                return true;
            }
            if (count >= perTenant) {
                return false;
            }
            if (tunnels.replace(tenant, count, count + 1)) {
                return true;
            }
        }
    }

    /// Counts a tunnel out that had entered.
    void leave(Tenant tenant) {
        tunnels.computeIfPresent(tenant, (_, count) -> count == 1 ? null : count - 1);
    }

    int tenants() {
        return tunnels.size();
    }
}
