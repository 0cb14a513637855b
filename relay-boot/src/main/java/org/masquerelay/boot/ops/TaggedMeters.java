package org.masquerelay.boot.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.masquerelay.observe.Traffic;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tunnel.RefusalReason;

/// The meters of all tunnels with the same tags.
final class TaggedMeters {
    /// Reasons of the next hop come on top of our own; more than these are one.
    private static final int MAX_REASONS = RefusalReason.values().length + 64;

    private static final String OTHER_REASON = "other";

    private final MeterRegistry registry;
    private final Tags tags;
    private final LongAdder active = new LongAdder();
    private final Traffic traffic = new Traffic();
    private final Counter total;
    private final Timer duration;
    private final Timer setup;
    private final Map<String, Counter> rejected = new ConcurrentHashMap<>();

    TaggedMeters(MeterRegistry registry, TunnelTags of) {
        this.registry = registry;
        tags = tags(of);
        Gauge.builder("masque.tunnels.active", active, LongAdder::sum)
                .description("Open tunnels")
                .tags(tags)
                .register(registry);
        total =
                Counter.builder("masque.tunnels.total")
                        .description("Tunnels opened")
                        .tags(tags)
                        .register(registry);
        duration =
                Timer.builder("masque.tunnel.duration")
                        .description("How long tunnels were open")
                        .serviceLevelObjectives(Buckets.durations())
                        .tags(tags)
                        .register(registry);
        setup =
                Timer.builder("masque.tunnel.setup")
                        .description("From the request for a tunnel until it was open")
                        .serviceLevelObjectives(Buckets.waits())
                        .tags(tags)
                        .register(registry);
        payload("masque.bytes.in", "Payload bytes from clients", traffic.in());
        payload("masque.bytes.out", "Payload bytes to clients", traffic.out());
        if (of.protocol().isDatagrams()) {
            payload("masque.datagrams.in", "Datagrams from clients", traffic.datagramsIn());
            payload("masque.datagrams.out", "Datagrams to clients", traffic.datagramsOut());
        }
        for (var reason : RefusalReason.values()) {
            rejected(reason.tag());
        }
    }

    static Tags tags(TunnelTags of) {
        return Tags.of(
                "protocol", of.protocol().tag(),
                "transport", of.transport().tag(),
                "listener", of.listener());
    }

    Traffic opened() {
        active.increment();
        total.increment();
        return traffic;
    }

    void accepted(long nanos) {
        setup.record(nanos, TimeUnit.NANOSECONDS);
    }

    void closed(Duration open) {
        active.decrement();
        duration.record(open);
    }

    void refused(String reason) {
        rejected(reason).increment();
    }

    private Counter rejected(String reason) {
        var known = rejected.get(reason);
        if (known != null) {
            return known;
        }
        String shown = rejected.size() < MAX_REASONS ? reason : OTHER_REASON;
        return rejected.computeIfAbsent(
                shown,
                tag ->
                        Counter.builder("masque.tunnels.rejected")
                                .description("Tunnel requests refused")
                                .tags(tags)
                                .tag("reason", tag)
                                .register(registry));
    }

    private void payload(String name, String description, LongAdder counted) {
        FunctionCounter.builder(name, counted, LongAdder::sum)
                .description(description)
                .tags(tags)
                .register(registry);
    }
}
