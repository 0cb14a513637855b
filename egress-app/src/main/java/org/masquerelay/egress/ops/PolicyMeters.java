package org.masquerelay.egress.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.masquerelay.boot.config.Followed;
import org.masquerelay.egress.policy.TenantRules;

/// How much policy is in force, and whether it is that of the file.
public final class PolicyMeters {
    public PolicyMeters(Followed<TenantRules> policy, MeterRegistry registry) {
        Gauge.builder("masque.policy.tenants", policy, file -> file.get().tenants())
                .description("Tenants that the policy in force has rules for")
                .strongReference(true)
                .register(registry);
        Gauge.builder("masque.policy.rules", policy, file -> file.get().rules())
                .description("Rules of the policy in force")
                .strongReference(true)
                .register(registry);
        Gauge.builder("masque.policy.current", policy, file -> file.problem().isEmpty() ? 1 : 0)
                .description("1 while the policy in force is that of the file, otherwise 0")
                .strongReference(true)
                .register(registry);
    }
}
