package org.masquerelay.boot.ops;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.ConnectionTags;
import org.masquerelay.observe.QuicSample;
import org.masquerelay.tunnel.HttpVersion;

/// The meters of all connections with the same tags.
final class ConnectionMeters {
    private final Timer handshake;
    private final @Nullable Quic quic;

    ConnectionMeters(MeterRegistry registry, ConnectionTags of) {
        var tags =
                Tags.of(
                        "role", of.role().name().toLowerCase(Locale.ROOT),
                        "transport", of.transport().tag(),
                        "listener", of.listener());
        handshake =
                Timer.builder("masque.handshake")
                        .description("How long handshakes of QUIC, or of TLS over TCP, took")
                        .serviceLevelObjectives(Buckets.waits())
                        .tags(tags)
                        .register(registry);
        quic = of.transport() == HttpVersion.H3 ? new Quic(registry, tags) : null;
    }

    void handshaken(long nanos) {
        handshake.record(nanos, TimeUnit.NANOSECONDS);
    }

    void sampled(QuicSample sample) {
        if (quic != null) {
            quic.add(sample);
        }
    }

    /// What QUIC has more to tell.
    private static final class Quic {
        private final LongAdder sent = new LongAdder();
        private final LongAdder received = new LongAdder();
        private final LongAdder lost = new LongAdder();
        private final Timer rtt;
        private final DistributionSummary window;

        Quic(MeterRegistry registry, Tags tags) {
            packets("quic.packets.sent", "QUIC packets sent", sent, registry, tags);
            packets("quic.packets.received", "QUIC packets received", received, registry, tags);
            packets("quic.packets.lost", "QUIC packets sent that are lost", lost, registry, tags);
            rtt =
                    Timer.builder("quic.rtt")
                            .description("Round-trip times of QUIC connections, a sample of each")
                            .serviceLevelObjectives(Buckets.roundTrips())
                            .tags(tags)
                            .register(registry);
            window =
                    DistributionSummary.builder("quic.cwnd")
                            .description("Congestion windows of QUIC connections, a sample of each")
                            .baseUnit("bytes")
                            .serviceLevelObjectives(Buckets.windows())
                            .tags(tags)
                            .register(registry);
        }

        private static void packets(
                String name,
                String description,
                LongAdder counted,
                MeterRegistry registry,
                Tags tags) {
            FunctionCounter.builder(name, counted, LongAdder::sum)
                    .description(description)
                    .tags(tags)
                    .register(registry);
        }

        void add(QuicSample sample) {
            sent.add(sample.sent());
            received.add(sample.received());
            lost.add(sample.lost());
            sample.path()
                    .ifPresent(path -> {
                        rtt.record(path.rttNanos(), TimeUnit.NANOSECONDS);
                        window.record((double) path.cwndBytes());
                    });
        }
    }
}
