package org.masquerelay.gate.spent;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.masquerelay.token.SpentTokenStore;

/// The meters of a shared store; a store in memory has none.
public final class SpentTokensMeters {
    private SpentTokensMeters() {}

    public static SpentTokensMeters register(SpentTokenStore store, MeterRegistry registry) {
        if (store instanceof SharedSpentTokens shared) {
            register(shared, registry);
        }
        return new SpentTokensMeters();
    }

    private static void register(SharedSpentTokens store, MeterRegistry registry) {
        FunctionCounter.builder("masque.tokens.unchecked", store, SharedSpentTokens::unchecked)
                .description("Tokens admitted while the shared store was away")
                .register(registry);
        FunctionCounter.builder("masque.tokens.store.failures", store, SharedSpentTokens::failures)
                .description("Questions to the shared store of spent tokens without an answer")
                .register(registry);
        Gauge.builder("masque.tokens.store.up", store, one -> one.awaySince().isEmpty() ? 1 : 0)
                .description("Whether the shared store of spent tokens answers")
                .register(registry);
        Gauge.builder("masque.tokens.unsettled", store, SharedSpentTokens::unsettled)
                .description("What is still to be said to the shared store of spent tokens")
                .register(registry);
    }
}
