package org.masquerelay.egress.access;

import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.masquerelay.http.TunnelExchange;

/// An access log of some of the tunnels, drawn by lot when they are asked for. Used by every event
/// loop.
public final class SampledAccessLog implements AccessLog {
    private final AccessSettings settings;
    private final InstantSource clock;
    private final AccessWriter writer;

    /// @param sink takes one line of JSON at a time, with the same as fields; called on a thread
    ///   that may wait
    SampledAccessLog(AccessSettings settings, InstantSource clock, Consumer<AccessLine> sink) {
        this.settings = settings;
        this.clock = clock;
        this.writer = new AccessWriter(sink);
    }

    /// Writes to the logger of the access log.
    public SampledAccessLog(AccessSettings settings, InstantSource clock) {
        this(settings, clock, AccessWriter.LOGGER);
    }

    @Override
    public TunnelExchange watch(TunnelExchange exchange) {
        return ThreadLocalRandom.current().nextDouble() < settings.sample()
                ? new WatchedExchange(exchange, settings, clock, writer)
                : exchange;
    }

    /// Lines that were left out because the writer did not keep up.
    public long dropped() {
        return writer.dropped();
    }

    @Override
    public void close() {
        writer.close();
    }
}
