package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.http.Transports;
import org.masquerelay.testkit.UdpForwarder;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.springframework.core.env.Environment;

/// What both hops tell Prometheus of tunnels that pass through them.
@Timeout(180)
final class MetersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final List<String> EGRESS = List.of("--relay.egress.allow-private=true");
    private static final List<String> INGRESS = List.of("--relay.auth.admit=anybody");

    @TempDir Path directory;

    private TwoHops start() {
        return TwoHops.start(directory, EGRESS, INGRESS);
    }

    private static Scrape ingress(TwoHops hops) throws Exception {
        return Scrape.of(hops.ingressBean(Environment.class));
    }

    private static Scrape egress(TwoHops hops) throws Exception {
        return Scrape.of(hops.egressBean(Environment.class));
    }

    @Test
    void tagsEveryTunnelWithProtocolTransportAndListener() throws Exception {
        try (var targets = new Targets();
                var hops = start()) {
            for (var version : HttpVersion.values()) {
                try (var relay = hops.connect(version)) {
                    carry(relay, targets);
                }
            }
            Await.until(
                    "all tunnels ended",
                    () -> TwoHops.gauge(hops.egressMeters(), "masque.tunnels.active") == 0);

            for (var version : HttpVersion.values()) {
                checkTunnels(ingress(hops), version, 1);
            }
            checkTunnels(egress(hops), HttpVersion.H3, 3);
            assertThat(ingress(hops).sum("masque_handshake_seconds_count", "role=\"client\""))
                    .isPositive();
        }
    }

    /// One tunnel for bytes and one for datagrams.
    private static void carry(ConnectedRelay relay, Targets targets) throws Exception {
        try (var tunnel = relay.openUdp(targets.udp(), HeaderFields.NONE)) {
            tunnel.send("question".getBytes(UTF_8));
            assertThat(tunnel.receive(PATIENCE)).isPresent();
        }
        try (var tunnel = relay.openTcp(targets.tcp(), HeaderFields.NONE)) {
            tunnel.output().write("question".getBytes(UTF_8));
            tunnel.output().flush();
            assertThat(tunnel.input().readNBytes(8)).asString(UTF_8).isEqualTo("question");
        }
    }

    private static void checkTunnels(Scrape scrape, HttpVersion version, int tunnels) {
        for (var protocol : List.of("tcp", "udp")) {
            var tags =
                    new String[] {
                        "protocol=\"" + protocol + "\"",
                        "transport=\"" + version.tag() + "\"",
                        "listener=\"main\""
                    };
            assertThat(scrape.sum("masque_tunnels_active", tags)).isZero();
            assertThat(scrape.sum("masque_tunnels_total", tags)).isEqualTo(tunnels);
            assertThat(scrape.sum("masque_tunnels_rejected_total", tags)).isZero();
            assertThat(scrape.sum("masque_bytes_in_total", tags)).isEqualTo(8 * tunnels);
            assertThat(scrape.sum("masque_bytes_out_total", tags)).isEqualTo(8 * tunnels);
            assertThat(scrape.sum("masque_tunnel_duration_seconds_count", tags)).isEqualTo(tunnels);
            assertThat(scrape.sum("masque_tunnel_setup_seconds_count", tags)).isEqualTo(tunnels);
            assertThat(scrape.sum("masque_tunnel_setup_seconds_sum", tags)).isPositive();
            assertThat(scrape.series("masque_tunnel_duration_seconds_bucket", tags)).hasSize(8);
            assertThat(scrape.series("masque_tunnel_setup_seconds_bucket", tags)).hasSize(12);
            assertThat(scrape.sum("masque_datagrams_dropped_total", tags)).isZero();
            assertThat(scrape.sum("masque_capsules_unknown_total", tags)).isZero();
        }
        var udp = new String[] {"protocol=\"udp\"", "transport=\"" + version.tag() + "\""};
        assertThat(scrape.sum("masque_datagrams_in_total", udp)).isEqualTo(tunnels);
        assertThat(scrape.sum("masque_datagrams_out_total", udp)).isEqualTo(tunnels);
        assertThat(
                        scrape.sum(
                                "masque_handshake_seconds_count",
                                "role=\"server\"",
                                "transport=\"" + version.tag() + "\"",
                                "listener=\"main\""))
                .isPositive();
    }

    @Test
    void saysOnWhichSideOfTheIngressADatagramWasLost() throws Exception {
        try (var targets = new Targets();
                var hops = start();
                var relay = hops.connect(HttpVersion.H2);
                var tunnel = relay.openUdp(targets.udp(), HeaderFields.NONE)) {
            tunnel.send(new byte[1400]); // More than a packet to the egress takes.
            var lost =
                    new String[] {
                        "protocol=\"udp\"",
                        "transport=\"h3\"",
                        "listener=\"_upstream\"",
                        "reason=\"too_large\""
                    };
            Await.until("a drop", () -> sum(hops, "masque_datagrams_dropped_total", lost) == 1);
            assertThat(ingress(hops).sum("masque_datagrams_dropped_total", "listener=\"main\""))
                    .isZero();
        }
    }

    private static double sum(TwoHops hops, String name, String... labels) {
        try {
            var scrape = ingress(hops);
            return scrape.series(name, labels).isEmpty() ? 0 : scrape.sum(name, labels);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void samplesHowQuicConnectionsFare() throws Exception {
        var server = new String[] {"role=\"server\"", "transport=\"h3\"", "listener=\"main\""};
        try (var targets = new Targets();
                var hops = start();
                var nat =
                        new UdpForwarder(new InetSocketAddress("127.0.0.1", hops.ingressPort()))) {
            var settings =
                    hops.settings(nat.address().getPort()).with(Transports.only(HttpVersion.H3));
            var before = new ArrayList<Double>();
            try (var relay = ConnectedRelay.connect(settings);
                    var tunnel = relay.openUdp(targets.udp(), HeaderFields.NONE)) {
                nat.loseOneOf(5);
                for (int i = 0; i < 100; i++) {
                    tunnel.send(new byte[] {1});
                    tunnel.receive(Duration.ofMillis(20));
                }
                Await.until(
                        "losses are noticed",
                        () -> sum(hops, "quic_packets_lost_total", server) > 0);
                var now = ingress(hops);
                assertThat(now.sum("quic_packets_sent_total", server)).isGreaterThan(20);
                assertThat(now.sum("quic_packets_received_total", server)).isGreaterThan(20);
                double samples = now.sum("quic_rtt_seconds_count", server);
                assertThat(samples).isPositive();
                assertThat(now.sum("quic_rtt_seconds_sum", server) / samples)
                        .isBetween(0.00001, 0.3);
                assertThat(now.sum("quic_cwnd_bytes_sum", server) / samples)
                        .isBetween(1_200.0, 1e7);
                assertThat(now.series("quic_rtt_seconds_bucket", server)).hasSize(11);
                assertThat(now.series("quic_cwnd_bytes_bucket", server)).hasSize(7);
                before.add(now.sum("quic_packets_sent_total", server));
            }
            Await.until(
                    "the connection has gone",
                    () ->
                            TwoHops.gauge(
                                            hops.ingressMeters(),
                                            "quic.connections.active",
                                            "role",
                                            "server")
                                    == 0);
            // What was counted stays counted, and the last packets of the connection come on top.
            assertThat(sum(hops, "quic_packets_sent_total", server))
                    .isGreaterThanOrEqualTo(before.getFirst());
            assertThat(sum(hops, "quic_packets_sent_total", "role=\"client\"")).isPositive();
        }
    }

    @Test
    void countsThePacketsOfAConnectionThatWasNeverSampled() throws Exception {
        try (var hops = start()) {
            hops.connect(HttpVersion.H3).close();
            Await.until(
                    "the connection is counted",
                    () -> sum(hops, "quic_packets_received_total", "role=\"server\"") > 2);
        }
    }

    @Test
    void saysWhichListenersDrain() throws Exception {
        try (var hops = start()) {
            assertThat(ingress(hops).sum("masque_draining", "listener=\"main\"")).isZero();
            var drain = hops.ingressBean(Drain.class);
            drain.start("main", Instant.now(), "test");
            assertThat(ingress(hops).sum("masque_draining", "listener=\"main\"")).isOne();
            drain.undo("main");
            assertThat(ingress(hops).sum("masque_draining", "listener=\"main\"")).isZero();
        }
    }
}
