package org.masquerelay.boot.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.observe.ConnectionRefusal;
import org.masquerelay.observe.ConnectionTags;
import org.masquerelay.observe.DropReason;
import org.masquerelay.observe.QuicSample;
import org.masquerelay.observe.StrayAnswer;
import org.masquerelay.observe.TunnelListener.QuicRole;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelKind;

final class TunnelMetersTest {
    private static final TunnelTags UDP = new TunnelTags(TunnelKind.UDP, HttpVersion.H3, "edge");
    private static final String[] UDP_TAGS = {
        "protocol", "udp", "transport", "h3", "listener", "edge"
    };

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final TunnelMeters meters = new TunnelMeters(registry, List.of("edge"));

    @Test
    void hasEveryMeterFromTheStartWithValueZero() {
        var names =
                registry.getMeters().stream()
                        .map(meter -> meter.getId().getName())
                        // The buckets, which this registry shows as meters of their own.
                        .filter(name -> !name.endsWith(".histogram"))
                        .collect(Collectors.toSet());

        assertThat(names)
                .containsExactlyInAnyOrder(
                        "masque.tunnels.active",
                        "masque.tunnels.total",
                        "masque.tunnels.rejected",
                        "masque.bytes.in",
                        "masque.bytes.out",
                        "masque.tunnel.duration",
                        "masque.tunnel.setup",
                        "masque.handshake",
                        "masque.datagrams.in",
                        "masque.datagrams.out",
                        "masque.datagrams.dropped",
                        "masque.capsules.unknown",
                        "masque.capsules.rejected",
                        "masque.tenant.rejected",
                        "masque.dns.lookups",
                        "masque.connections.refused",
                        "masque.source.exhausted",
                        "quic.connections.active",
                        "quic.upstream.streams.active",
                        "quic.strays.answered",
                        "quic.migrations",
                        "quic.packets.sent",
                        "quic.packets.received",
                        "quic.packets.lost",
                        "quic.rtt",
                        "quic.cwnd");
        assertThat(registry.getMeters())
                .allSatisfy(meter -> assertThat(firstValue(meter)).isZero());
    }

    @Test
    void countsStraysByAnswerAndMovesByWhetherTheirConnectionIdIsFresh() {
        meters.strayAnswered(StrayAnswer.STATELESS_RESET);
        meters.migrated(false);
        meters.migrated(true);
        meters.migrated(true);

        assertThat(
                        registry.get("quic.strays.answered")
                                .tag("answer", "stateless_reset")
                                .counter()
                                .count())
                .isOne();
        assertThat(registry.get("quic.migrations").tag("fresh", "true").counter().count())
                .isEqualTo(2);
        assertThat(registry.get("quic.migrations").tag("fresh", "false").counter().count()).isOne();
    }

    @ParameterizedTest
    @EnumSource(HttpVersion.class)
    void tellsTransportsApart(HttpVersion version) {
        meters.opened(new TunnelTags(TunnelKind.TCP, version, "edge"));

        for (var other : HttpVersion.values()) {
            var active =
                    registry.get("masque.tunnels.active")
                            .tags("protocol", "tcp", "transport", other.tag(), "listener", "edge");
            assertThat(active.gauge().value()).isEqualTo(other == version ? 1 : 0);
        }
    }

    @ParameterizedTest
    @EnumSource(ConnectionRefusal.class)
    void countsRefusedConnectionsByReason(ConnectionRefusal refusal) {
        meters.connectionRefused(refusal);

        for (var other : ConnectionRefusal.values()) {
            var counter =
                    registry.get("masque.connections.refused").tag("reason", other.tag()).counter();
            assertThat(counter.count()).isEqualTo(other == refusal ? 1 : 0);
        }
        assertThat(
                        registry.get("masque.connections.refused").counters().stream()
                                .map(counter -> counter.getId().getTag("reason")))
                .containsExactlyInAnyOrder(
                        "listener_full", "address_full", "handshake_failed", "handshake_timeout");
    }

    @Test
    void countsRejectedCapsulesApartFromUnknownOnes() {
        meters.losses(UDP).unknownCapsule(0x2a);
        meters.losses(UDP).unknownCapsule(0x2a);
        meters.losses(UDP).rejectedCapsule(0x2a);
        meters.losses(UDP).rejectedCapsule(0x29 * 7 + 0x17);

        assertThat(capsules("0x2a")).isEqualTo(2);
        assertThat(rejectedCapsules("0x2a")).isOne();
        assertThat(rejectedCapsules("grease")).isOne();
        assertThat(capsules("grease")).isZero();
    }

    @Test
    void followsATunnelFromOpenToClose() {
        var traffic = meters.opened(UDP);
        traffic.in().add(10);
        traffic.out().add(20);
        traffic.datagramsIn().add(3);
        traffic.datagramsOut().add(4);

        assertThat(registry.get("masque.tunnels.active").tags(UDP_TAGS).gauge().value()).isOne();
        assertThat(registry.get("masque.tunnels.total").tags(UDP_TAGS).counter().count()).isOne();
        meters.closed(UDP, Duration.ofSeconds(3).toNanos());

        assertThat(registry.get("masque.tunnels.active").tags(UDP_TAGS).gauge().value()).isZero();
        assertThat(count("masque.bytes.in")).isEqualTo(10);
        assertThat(count("masque.bytes.out")).isEqualTo(20);
        assertThat(count("masque.datagrams.in")).isEqualTo(3);
        assertThat(count("masque.datagrams.out")).isEqualTo(4);
        var duration = registry.get("masque.tunnel.duration").tags(UDP_TAGS).timer();
        assertThat(duration.totalTime(TimeUnit.SECONDS)).isEqualTo(3);
    }

    @Test
    void countsRefusalsDropsConnectionsAndStreams() {
        meters.refused(UDP, RefusalReason.DRAINING.because(""));
        meters.losses(UDP).dropped(DropReason.TOO_LARGE);
        meters.connections(QuicRole.SERVER, 1);
        meters.connections(QuicRole.CLIENT, 1);
        meters.connections(QuicRole.CLIENT, -1);
        meters.upstreamStreams(1);

        var rejected =
                registry.get("masque.tunnels.rejected").tags(UDP_TAGS).tag("reason", "draining");
        assertThat(rejected.counter().count()).isOne();
        var dropped =
                registry.get("masque.datagrams.dropped").tags(UDP_TAGS).tag("reason", "too_large");
        assertThat(dropped.counter().count()).isOne();
        assertThat(connections("server")).isOne();
        assertThat(connections("client")).isZero();
        assertThat(registry.get("quic.upstream.streams.active").gauge().value()).isOne();
    }

    @Test
    void boundsTheTypesOfUnknownCapsules() {
        for (long type = 0x1000; type < 0x1100; type++) {
            meters.losses(UDP).unknownCapsule(type * 0x29); // Never of the form 0x29 * N + 0x17.
        }
        meters.losses(UDP).unknownCapsule(0x29 * 7 + 0x17);
        meters.losses(UDP).unknownCapsule(0x1000 * 0x29);

        var types =
                registry.find("masque.capsules.unknown").tags(UDP_TAGS).counters().stream()
                        .map(counter -> counter.getId().getTag("type"))
                        .toList();
        assertThat(types).hasSize(CapsuleMeters.Types.MAX + 2).contains("0x29000");
        assertThat(capsules("grease")).isOne();
        assertThat(capsules("other")).isEqualTo(256 - CapsuleMeters.Types.MAX);
        assertThat(capsules("0x29000")).isEqualTo(2);
    }

    @Test
    void boundsTheReasonsOfTheNextHop() {
        for (int status = 100; status < 600; status++) {
            meters.refused(
                    UDP,
                    new org.masquerelay.tunnel.Refusal.Relayed(
                            status, List.of(), org.masquerelay.tunnel.HeaderFields.NONE));
        }

        assertThat(registry.find("masque.tunnels.rejected").tags(UDP_TAGS).counters())
                .hasSizeLessThan(110);
    }

    /// The contract with the outside: what these names are tagged with.
    @Test
    void tagsWhatIsAboutTunnelsWithProtocolTransportAndListener() {
        for (var name :
                List.of(
                        "masque.tunnels.active",
                        "masque.tunnels.total",
                        "masque.tunnels.rejected",
                        "masque.bytes.in",
                        "masque.bytes.out",
                        "masque.datagrams.in",
                        "masque.datagrams.out",
                        "masque.tunnel.duration",
                        "masque.tunnel.setup",
                        "masque.datagrams.dropped",
                        "masque.capsules.unknown",
                        "masque.capsules.rejected")) {
            assertThat(registry.find(name).tags(UDP_TAGS).meters()).as(name).isNotEmpty();
        }
    }

    @Test
    void hasFewFixedBuckets() {
        meters.closed(UDP, Duration.ofSeconds(3).toNanos());
        meters.accepted(UDP, Duration.ofMillis(30).toNanos());
        var dialled = ConnectionTags.dialled(HttpVersion.H3);
        meters.handshaken(dialled, Duration.ofMillis(30).toNanos());
        var path = new QuicSample.Path(Duration.ofMillis(30).toNanos(), 20_000);
        meters.sampled(dialled, new QuicSample(7, 5, 2, Optional.of(path)));
        meters.sampled(dialled, new QuicSample(1, 1, 0, Optional.empty()));

        var upstream = new String[] {"role", "client", "listener", "_upstream"};
        assertThat(filled(registry.get("masque.tunnel.duration").tags(UDP_TAGS).timer()))
                .containsExactly(10.0, 60.0, 600.0, 3600.0, 21600.0);
        assertThat(filled(registry.get("masque.tunnel.setup").tags(UDP_TAGS).timer()))
                .containsExactly(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0);
        assertThat(filled(registry.get("masque.handshake").tags(upstream).timer()))
                .containsExactly(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0);
        assertThat(filled(registry.get("quic.rtt").tags(upstream).timer()))
                .containsExactly(0.05, 0.1, 0.2, 0.5, 1.0);
        var window = registry.get("quic.cwnd").tags(upstream).summary();
        assertThat(window.totalAmount()).isEqualTo(20_000);
        assertThat(window.takeSnapshot().histogramCounts()).hasSize(6);
        assertThat(registry.get("quic.packets.sent").tags(upstream).functionCounter().count())
                .isEqualTo(8);
        assertThat(registry.get("quic.packets.received").tags(upstream).functionCounter().count())
                .isEqualTo(6);
        assertThat(registry.get("quic.packets.lost").tags(upstream).functionCounter().count())
                .isEqualTo(2);
    }

    /// The bounds in seconds of the buckets that have something.
    private static List<Double> filled(Timer timer) {
        return Arrays.stream(timer.takeSnapshot().histogramCounts())
                .filter(bucket -> bucket.count() > 0)
                .map(bucket -> bucket.bucket(TimeUnit.SECONDS))
                .toList();
    }

    private double count(String name) {
        return registry.get(name).tags(UDP_TAGS).functionCounter().count();
    }

    private double connections(String role) {
        return registry.get("quic.connections.active").tag("role", role).gauge().value();
    }

    private double capsules(String type) {
        return registry.get("masque.capsules.unknown")
                .tags(UDP_TAGS)
                .tag("type", type)
                .counter()
                .count();
    }

    private double rejectedCapsules(String type) {
        return registry.get("masque.capsules.rejected")
                .tags(UDP_TAGS)
                .tag("type", type)
                .counter()
                .count();
    }

    private static double firstValue(Meter meter) {
        return meter.measure().iterator().next().getValue();
    }
}
