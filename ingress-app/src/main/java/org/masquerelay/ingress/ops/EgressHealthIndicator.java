package org.masquerelay.ingress.ops;

import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.fleet.Standing;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/// Names each egress and how it is doing. `DEGRADED` while some are ejected, `DOWN` while all are
/// or the directory has none. Never part of readiness: an ingress that gets no tunnels does not
/// notice that an egress is back.
public final class EgressHealthIndicator implements HealthIndicator {
    public static final Status DEGRADED = new Status("DEGRADED", "some egresses are ejected");

    private final Fleet fleet;
    private final boolean needed;
    private final Clock clock;

    /// @param needed false for an issuer, which leads nowhere
    public EgressHealthIndicator(Fleet fleet, boolean needed, Clock clock) {
        this.fleet = fleet;
        this.needed = needed;
        this.clock = clock;
    }

    @Override
    public Health health() {
        var standings = fleet.standings();
        long out = standings.stream().filter(Standing::out).count();
        var details = new LinkedHashMap<String, Object>();
        standings.forEach(standing -> details.put(standing.name(), detail(standing)));
        return Health.status(status(standings.size(), out)).withDetails(details).build();
    }

    private Status status(int all, long out) {
        if (needed && out == all) {
            return Status.DOWN;
        }
        return out > 0 ? DEGRADED : Status.UP;
    }

    private String detail(Standing standing) {
        if (standing.why().isEmpty()) {
            return "up";
        }
        var why = standing.why().get();
        if (!standing.out()) {
            return why;
        }
        var until = clock.instant().plus(standing.left()).truncatedTo(ChronoUnit.SECONDS);
        return standing.left().isZero()
                ? "ejected (" + why + "), being tried again"
                : "ejected (" + why + ") until " + until;
    }
}
