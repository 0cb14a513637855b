package org.masquerelay.gate.spent;

import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.SpentTokenStore;
import org.springframework.boot.health.contributor.AbstractReactiveHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import reactor.core.publisher.Mono;

/// Whether tokens can be redeemed: down while Redis is away and the policy is fail-closed, degraded
/// while it is fail-open. Each look asks Redis.
public final class SpentTokensHealthIndicator extends AbstractReactiveHealthIndicator {
    /// Tunnels open, with less than what was configured behind them.
    public static final Status DEGRADED = new Status("DEGRADED", "tokens are not checked");

    private final SpentTokenStore store;

    public SpentTokensHealthIndicator(SpentTokenStore store) {
        this.store = store;
    }

    @Override
    protected Mono<Health> doHealthCheck(Health.Builder health) {
        return switch (store) {
            case SharedSpentTokens shared ->
                    shared.check().map(answers -> health(health, shared, answers));
            case InMemorySpentTokens here ->
                    Mono.just(
                            health.up()
                                    .withDetail("store", "memory")
                                    .withDetail("remembered", here.size())
                                    .build());
            default -> Mono.just(health.unknown().withDetail("store", "custom").build());
        };
    }

    private static Health health(Health.Builder health, SharedSpentTokens store, boolean answers) {
        var policy = store.policy();
        if (answers) {
            health.up();
        } else {
            health.status(policy == WhenUnavailable.FAIL_OPEN ? DEGRADED : Status.DOWN);
        }
        store.awaySince().ifPresent(since -> health.withDetail("awaySince", since));
        return health.withDetail("store", "redis")
                .withDetail("whenUnavailable", policy.text())
                .withDetail("unchecked", store.unchecked())
                .withDetail("unsettled", store.unsettled())
                .build();
    }
}
