package org.masquerelay.egress.limit;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.Tenant;

/// The meters that the tunnels of a tenant share, on whatever event loop they are.
///
/// Asked only when a tunnel comes or goes. The meters of a tenant outlive its last tunnel until
/// they are full, so that closing tunnels does not wipe out a debt; then they are forgotten.
final class TenantMeters {
    private final Rates rates;
    private final Ticker ticker;
    private final ConcurrentHashMap<Tenant, Shared> tenants = new ConcurrentHashMap<>();

    /// What one tenant has; replaced when a tunnel comes or goes.
    record Shared(Meter in, Meter out, int tunnels) {
        private Shared with(int change) {
            return new Shared(in, out, tunnels + change);
        }
    }

    TenantMeters(Rates rates, Ticker ticker) {
        this.rates = rates;
        this.ticker = ticker;
    }

    /// Each call is given back by one [#leave].
    Shared enter(Tenant tenant) {
        return tenants.compute(
                tenant,
                (_, shared) -> {
                    if (shared != null) {
                        return shared.with(1);
                    }
                    long now = ticker.nanoTime();
                    return new Shared(new Meter(rates, now), new Meter(rates, now), 1);
                });
    }

    void leave(Tenant tenant, EventLoop loop) {
        var left = tenants.computeIfPresent(tenant, (_, shared) -> shared.with(-1));
        forgetWhenFull(tenant, left, loop);
    }

    /// Until then a tunnel on another loop may still charge what was under way.
    private void forgetWhenFull(Tenant tenant, @Nullable Shared left, EventLoop loop) {
        if (left != null && left.tunnels() == 0) {
            loop.schedule(() -> forget(tenant, loop), nanosUntilFull(left), TimeUnit.NANOSECONDS);
        }
    }

    private void forget(Tenant tenant, EventLoop loop) {
        var kept =
                tenants.computeIfPresent(
                        tenant,
                        (_, shared) ->
                                shared.tunnels() == 0 && nanosUntilFull(shared) == 0
                                        ? null
                                        : shared);
        forgetWhenFull(tenant, kept, loop);
    }

    private long nanosUntilFull(Shared shared) {
        long now = ticker.nanoTime();
        return Math.max(shared.in().nanosUntilFull(now), shared.out().nanosUntilFull(now));
    }

    int size() {
        return tenants.size();
    }
}
