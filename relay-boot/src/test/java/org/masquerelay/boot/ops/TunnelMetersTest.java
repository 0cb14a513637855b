package org.masquerelay.boot.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.observe.ConnectionRefusal;
import org.masquerelay.observe.DropReason;
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
                        .collect(Collectors.toSet());

        assertThat(names)
                .containsExactlyInAnyOrder(
                        "masque.tunnels.active",
                        "masque.tunnels.total",
                        "masque.tunnels.rejected",
                        "masque.bytes.in",
                        "masque.bytes.out",
                        "masque.tunnel.duration",
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
                        "quic.migrations");
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
        meters.unknownCapsule(0x2a);
        meters.unknownCapsule(0x2a);
        meters.rejectedCapsule(0x2a);
        meters.rejectedCapsule(0x29 * 7 + 0x17);

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

        assertThat(registry.get("masque.tunnels.active").tags(UDP_TAGS).gauge().value()).isOne();
        assertThat(registry.get("masque.tunnels.total").tags(UDP_TAGS).counter().count()).isOne();
        meters.closed(UDP, Duration.ofSeconds(3).toNanos());

        assertThat(registry.get("masque.tunnels.active").tags(UDP_TAGS).gauge().value()).isZero();
        assertThat(count("masque.bytes.in")).isEqualTo(10);
        assertThat(count("masque.bytes.out")).isEqualTo(20);
        var duration = registry.get("masque.tunnel.duration").tags(UDP_TAGS).timer();
        assertThat(duration.totalTime(TimeUnit.SECONDS)).isEqualTo(3);
    }

    @Test
    void countsRefusalsDropsConnectionsAndStreams() {
        meters.refused(UDP, RefusalReason.DRAINING.because(""));
        meters.dropped(DropReason.TOO_LARGE);
        meters.connections(QuicRole.SERVER, 1);
        meters.connections(QuicRole.CLIENT, 1);
        meters.connections(QuicRole.CLIENT, -1);
        meters.upstreamStreams(1);

        var rejected =
                registry.get("masque.tunnels.rejected").tags(UDP_TAGS).tag("reason", "draining");
        assertThat(rejected.counter().count()).isOne();
        var dropped = registry.get("masque.datagrams.dropped").tag("reason", "too_large");
        assertThat(dropped.counter().count()).isOne();
        assertThat(connections("server")).isOne();
        assertThat(connections("client")).isZero();
        assertThat(registry.get("quic.upstream.streams.active").gauge().value()).isOne();
    }

    @Test
    void boundsTheTypesOfUnknownCapsules() {
        for (long type = 0x1000; type < 0x1100; type++) {
            meters.unknownCapsule(type * 0x29); // Never of the form 0x29 * N + 0x17.
        }
        meters.unknownCapsule(0x29 * 7 + 0x17);
        meters.unknownCapsule(0x1000 * 0x29);

        var types =
                registry.find("masque.capsules.unknown").counters().stream()
                        .map(counter -> counter.getId().getTag("type"))
                        .toList();
        assertThat(types).hasSize(CapsuleMeters.MAX_TYPES + 2).contains("0x29000");
        assertThat(capsules("grease")).isOne();
        assertThat(capsules("other")).isEqualTo(256 - CapsuleMeters.MAX_TYPES);
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

    private double count(String name) {
        return registry.get(name).tags(UDP_TAGS).functionCounter().count();
    }

    private double connections(String role) {
        return registry.get("quic.connections.active").tag("role", role).gauge().value();
    }

    private double capsules(String type) {
        return registry.get("masque.capsules.unknown").tag("type", type).counter().count();
    }

    private double rejectedCapsules(String type) {
        return registry.get("masque.capsules.rejected").tag("type", type).counter().count();
    }

    private static double firstValue(Meter meter) {
        return meter.measure().iterator().next().getValue();
    }
}
