package org.masquerelay.boot.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import org.masquerelay.tunnel.Drain;

/// Which listeners take no new tunnels.
final class DrainMeters implements MeterBinder {
    private final Drain drain;
    private final List<String> listeners;

    DrainMeters(Drain drain, List<String> listeners) {
        this.drain = drain;
        this.listeners = listeners;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (String listener : listeners) {
            Gauge.builder("masque.draining", drain, all -> all.isDraining(listener) ? 1 : 0)
                    .description("1 while the listener drains and takes no new tunnels")
                    .tag("listener", listener)
                    .register(registry);
        }
    }
}
