package org.masquerelay.egress.ops;

import org.masquerelay.boot.config.Followed;
import org.masquerelay.egress.policy.TenantRules;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/// Degraded while the policy file cannot be used, and what was read before is in force.
public final class PolicyHealthIndicator implements HealthIndicator {
    private static final Status DEGRADED =
            new Status("DEGRADED", "an older policy is in force than the file has");

    private final Followed<TenantRules> policy;

    public PolicyHealthIndicator(Followed<TenantRules> policy) {
        this.policy = policy;
    }

    @Override
    public Health health() {
        var rules = policy.get();
        var problem = policy.problem();
        var health =
                new Health.Builder(problem.isPresent() ? DEGRADED : Status.UP)
                        .withDetail("tenants", rules.tenants())
                        .withDetail("rules", rules.rules());
        problem.ifPresent(text -> health.withDetail("problem", text));
        return health.build();
    }
}
