package org.masquerelay.egress.opening;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.masquerelay.tunnel.Tenant;

/// Buckets of this process alone: for each tenant the time at which its bucket is full again, as in
/// the buckets of rates, but never overdrawn.
///
/// Without locks. A bucket that is full is forgotten, by one timer for each that is not.
public final class LocalOpenings implements Openings {
    /// Tuning: about 200 bytes each, the timer included.
    private static final int MAX_TENANTS = 100_000;

    private final long nanosPerTunnel;
    private final long nanosToFill;
    private final OpeningCounts counts;
    private final Ticker ticker;
    private final int maxTenants;
    private final ConcurrentHashMap<Tenant, Long> fullAt = new ConcurrentHashMap<>();

    public LocalOpenings(OpeningLimit limit, OpeningCounts counts, Ticker ticker) {
        this(limit, counts, ticker, MAX_TENANTS);
    }

    LocalOpenings(OpeningLimit limit, OpeningCounts counts, Ticker ticker, int maxTenants) {
        this.nanosPerTunnel = limit.nanosPerTunnel();
        this.nanosToFill = nanosPerTunnel * limit.tunnels();
        this.counts = counts;
        this.ticker = ticker;
        this.maxTenants = maxTenants;
    }

    @Override
    public void take(Tenant tenant, EventLoop loop, Consumer<Turn> then) {
        then.accept(take(tenant, loop));
    }

    Turn take(Tenant tenant, EventLoop loop) {
        while (true) {
            long now = ticker.nanoTime();
            var full = fullAt.get(tenant);
            if (full == null && fullAt.size() >= maxTenants) {
                // More tenants at a time than memory is kept for: one that is new goes free.
                counts.unchecked();
                return Turn.Granted.INSTANCE;
            }
            long next = (full != null && full - now > 0 ? full : now) + nanosPerTunnel;
            if (next - now > nanosToFill) {
                return counts.refuse(next - now - nanosToFill);
            }
            if (full == null) {
                if (fullAt.putIfAbsent(tenant, next) == null) {
                    forgetLater(tenant, loop, next - now);
                    return Turn.Granted.INSTANCE;
                }
            } else if (fullAt.replace(tenant, full, next)) {
                return Turn.Granted.INSTANCE;
            }
        }
    }

    private void forgetLater(Tenant tenant, EventLoop loop, long nanos) {
        loop.schedule(() -> forget(tenant, loop), nanos, TimeUnit.NANOSECONDS);
    }

    /// Unless something was taken meanwhile.
    private void forget(Tenant tenant, EventLoop loop) {
        var full = fullAt.get(tenant);
        if (full != null) {
            long left = full - ticker.nanoTime();
            if (left > 0 || !fullAt.remove(tenant, full)) {
                forgetLater(tenant, loop, Math.max(left, nanosPerTunnel));
            }
        }
    }

    /// Buckets that are not full.
    int tenants() {
        return fullAt.size();
    }
}
