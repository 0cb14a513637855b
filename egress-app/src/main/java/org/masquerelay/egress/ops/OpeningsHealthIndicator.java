package org.masquerelay.egress.ops;

import org.masquerelay.egress.opening.SharedOpenings;
import org.masquerelay.egress.opening.WhenUnavailable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/// Whether the limit of openings is shared: while Redis is away, down if that refuses tunnels, and
/// degraded if each relay counts alone. Each look asks Redis.
public final class OpeningsHealthIndicator implements HealthIndicator {
    private static final Status DEGRADED =
            new Status("DEGRADED", "the limit of openings is not shared");

    private final SharedOpenings openings;

    public OpeningsHealthIndicator(SharedOpenings openings) {
        this.openings = openings;
    }

    @Override
    public Health health() {
        var policy = openings.policy();
        var status =
                openings.answers()
                        ? Status.UP
                        : policy == WhenUnavailable.FAIL_OPEN ? DEGRADED : Status.DOWN;
        var health =
                new Health.Builder(status)
                        .withDetail("store", "redis")
                        .withDetail("whenUnavailable", policy.text());
        openings.awaySince().ifPresent(since -> health.withDetail("awaySince", since));
        return health.build();
    }
}
