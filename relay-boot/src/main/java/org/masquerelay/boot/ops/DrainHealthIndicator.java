package org.masquerelay.boot.ops;

import org.masquerelay.tunnel.Drain;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Out of service while all listeners drain; names them while some do. Part of readiness, never of
/// liveness.
public final class DrainHealthIndicator implements HealthIndicator {
    private final Drain drain;

    public DrainHealthIndicator(Drain drain) {
        this.drain = drain;
    }

    @Override
    public Health health() {
        return drain.state().map(DrainHealthIndicator::draining).orElseGet(this::up);
    }

    private Health up() {
        var draining = drain.listeners().stream().filter(drain::isDraining).sorted().toList();
        return draining.isEmpty()
                ? Health.up().build()
                : Health.up().withDetail("drainingListeners", draining).build();
    }

    private static Health draining(Drain.Draining state) {
        return Health.outOfService()
                .withDetail("since", state.since())
                .withDetail("reason", state.reason())
                .build();
    }
}
