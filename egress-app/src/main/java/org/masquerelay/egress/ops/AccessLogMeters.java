package org.masquerelay.egress.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import org.masquerelay.egress.access.SampledAccessLog;

/// How well the access log keeps up.
public final class AccessLogMeters {
    private AccessLogMeters() {}

    public static void register(SampledAccessLog log, MeterRegistry registry) {
        FunctionCounter.builder("masque.accesslog.dropped", log, SampledAccessLog::dropped)
                .description("Lines of the access log that were left out")
                .register(registry);
    }
}
