package org.masquerelay.boot.ops;

import org.masquerelay.tunnel.Drain;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Out of service while the relay drains; part of readiness, never of liveness.
public final class DrainHealthIndicator implements HealthIndicator {
    private final Drain drain;

    public DrainHealthIndicator(Drain drain) {
        this.drain = drain;
    }

    @Override
    public Health health() {
        return drain.state().map(DrainHealthIndicator::draining).orElseGet(Health.up()::build);
    }

    private static Health draining(Drain.Draining state) {
        return Health.outOfService()
                .withDetail("since", state.since())
                .withDetail("reason", state.reason())
                .build();
    }
}
