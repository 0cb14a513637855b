package org.masquerelay.egress.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.masquerelay.egress.opening.OpeningCounts;
import org.masquerelay.egress.opening.SharedOpenings;

/// How often tenants opened too many tunnels, and how it is to ask Redis about it.
public final class OpeningMeters {
    private OpeningMeters() {}

    /// Of any limit.
    public static void register(OpeningCounts counts, MeterRegistry registry) {
        FunctionCounter.builder("masque.openings.refused", counts, OpeningCounts::refusals)
                .description("Tunnels refused because their tenant opened too many")
                .register(registry);
        FunctionCounter.builder(
                        "masque.openings.unchecked", counts, OpeningCounts::uncheckedOpenings)
                .description("Tunnels that were not held against what is known of their tenant")
                .register(registry);
    }

    /// Of a limit that is shared.
    public static OpeningMeters register(
            SharedOpenings openings, OpeningCounts counts, MeterRegistry registry) {
        FunctionCounter.builder(
                        "masque.openings.store.failures", counts, OpeningCounts::storeFailures)
                .description("Questions to the Redis of openings without an answer")
                .register(registry);
        Gauge.builder(
                        "masque.openings.store.up",
                        openings,
                        one -> one.awaySince().isEmpty() ? 1 : 0)
                .description("Whether the Redis of openings answers")
                .register(registry);
        return new OpeningMeters();
    }
}
