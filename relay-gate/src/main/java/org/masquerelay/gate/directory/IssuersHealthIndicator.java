package org.masquerelay.gate.directory;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/// What is known of the issuers whose directories are followed: down when no token could pass,
/// degraded when one issuer's could not, or its directory is not renewed.
public final class IssuersHealthIndicator extends AbstractHealthIndicator {
    private static final Status DEGRADED = new Status("DEGRADED", "an issuer does not answer");

    private final IssuerDirectories directories;
    private final boolean hasOthers;

    /// @param hasOthers whether there are issuers whose keys are configured
    public IssuersHealthIndicator(IssuerDirectories directories, boolean hasOthers) {
        this.directories = directories;
        this.hasOthers = hasOthers;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) {
        var followed = directories.followed();
        boolean some = hasOthers || followed.stream().anyMatch(one -> one.keys() > 0);
        boolean all =
                followed.stream().allMatch(one -> one.keys() > 0 && one.state().failures() == 0);
        health.status(all || followed.isEmpty() ? Status.UP : some ? DEGRADED : Status.DOWN);
        followed.forEach(one -> health.withDetail(one.name(), details(one)));
    }

    private static Map<String, Object> details(FollowedDirectory one) {
        var state = one.state();
        var details = new LinkedHashMap<String, Object>();
        details.put("keys", one.keys());
        if (!state.trust().goodAt().equals(Instant.MIN)) {
            details.put("fetched", state.trust().goodAt());
        }
        state.problem().ifPresent(problem -> details.put("problem", problem));
        return details;
    }
}
