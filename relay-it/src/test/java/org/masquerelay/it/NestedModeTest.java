package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.cli.token.Challenges;
import org.masquerelay.cli.token.ConnectedRelay;
import org.masquerelay.client.Passages;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.http.Transports;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;

/// Clients that talk HTTP/3 to the egress themselves, within a tunnel of the ingress.
@Timeout(120)
final class NestedModeTest {
    private static final int TCP_BYTES = 4_000_000;

    /// How a browser's QUIC connections begin.
    private static final int INITIAL_BYTES = 1250;

    @TempDir Path directory;

    private TwoHops start(String... more) {
        return TwoHops.start(directory, TwoHops.NESTED_EGRESS, passingThrough(more));
    }

    private static List<String> passingThrough(String... more) {
        var arguments = new ArrayList<>(List.of(more));
        arguments.add(TwoHops.PASSTHROUGH);
        return arguments;
    }

    @ParameterizedTest
    @EnumSource(HttpVersion.class)
    void carriesBytesAndDatagramsOverEveryHttpVersion(HttpVersion outer) throws Exception {
        try (var targets = new Targets();
                var hops = start();
                var egress = hops.connectNested(outer)) {
            var paying = hops.payingEgress(egress);
            try (var tunnel = paying.openTcp(targets.tcp())) {
                assertThat(echoed(tunnel)).isEqualTo(TCP_BYTES);
            }
            try (var tunnel = paying.openUdp(targets.udp())) {
                assertEchoes(tunnel, new byte[INITIAL_BYTES]);
            }
            assertThat(TwoHops.gauge(hops.ingressMeters(), "masque.tunnels.active"))
                    .as("the ingress sees one tunnel, to the egress")
                    .isEqualTo(1);
            assertThat(hops.upstreamConnections()).as("nothing is chained").isZero();
        }
        LeakPresenceDetector.check();
    }

    @Test
    void refusesWhatIsNoEgressWhereOnlyEgressesAreLedTo() throws Exception {
        try (var targets = new Targets();
                var hops = start("--relay.passthrough.only=true");
                var ingress = hops.connect()) {
            var payment = hops.payment(ingress);
            var egress = new HostPort("localhost", hops.egressPort());
            var sameHost = new HostPort("127.0.0.1", hops.egressPort());
            for (Callable<AutoCloseable> opening :
                    List.<Callable<AutoCloseable>>of(
                            () -> ingress.openTcp(targets.tcp(), payment),
                            () -> ingress.openUdp(targets.udp(), payment),
                            () -> ingress.openTcp(egress, payment),
                            () -> ingress.openUdp(sameHost, payment))) {
                assertRefused(403, "http_request_denied", opening);
            }
            assertThat(hops.upstreamConnections()).as("nothing is chained").isZero();
            // The token has come back each time, and is spent now.
            ingress.openUdp(new HostPort("LOCALHOST", hops.egressPort()), payment).close();
            assertRefused(401, "http_request_error", () -> ingress.openUdp(egress, payment));
        }
    }

    @Test
    void chainsWhatIsNoEgressOtherwise() throws Exception {
        try (var targets = new Targets();
                var hops = start();
                var ingress = hops.connect()) {
            var paying = hops.paying(ingress);
            try (var tunnel = paying.openUdp(targets.udp())) {
                assertEchoes(tunnel, "chained".getBytes(UTF_8));
            }
            assertThat(hops.upstreamConnections()).isPositive();
        }
    }

    @Test
    void asksForATokenFirstWhateverTheTargetIs() throws Exception {
        try (var hops = start("--relay.passthrough.only=true");
                var ingress = hops.connect()) {
            var egress = new HostPort("localhost", hops.egressPort());
            for (var target : List.of(egress, new HostPort("elsewhere.test", 443))) {
                assertRefused(
                        401,
                        "http_request_error",
                        () -> ingress.openUdp(target, HeaderFields.NONE));
            }
        }
    }

    @Test
    void saysWhatTheIngressAnswersWhenItDoesNotLeadThere() throws Exception {
        try (var hops =
                TwoHops.start(
                        directory,
                        TwoHops.NESTED_EGRESS,
                        List.of(
                                "--relay.passthrough.only=true",
                                "--relay.passthrough.egresses[0]=elsewhere.test:443"))) {
            assertRefused(403, "http_request_denied", () -> hops.connectNested(HttpVersion.H3));
        }
    }

    @Test
    void givesTheTokenBackWhenTheEgressHasNoAddress() throws Exception {
        try (var hops =
                        TwoHops.start(
                                directory,
                                TwoHops.NESTED_EGRESS,
                                passingThrough(
                                        "--relay.passthrough.egresses[1]=egress.invalid:443"));
                var ingress = hops.connect()) {
            var payment = hops.payment(ingress);
            for (int i = 0; i < 2; i++) {
                assertRefused(
                        502,
                        "connection_refused",
                        () -> ingress.openUdp(new HostPort("egress.invalid", 443), payment));
            }
        }
    }

    @Test
    void endsNestedTunnelsWhenTheEgressStops() throws Exception {
        try (var targets = new Targets();
                var hops = start();
                var egress = hops.connectNested(HttpVersion.H3)) {
            var paying = hops.payingEgress(egress);
            var tunnel = paying.openTcp(targets.tcp());
            assertEchoes(tunnel);
            int port = hops.stopEgress();
            assertThatThrownBy(() -> tunnel.input().read()).isInstanceOf(IOException.class);
            awaitNoTunnel(hops.ingressMeters());

            hops.restartEgress(port);
            // The next one dials again, through another tunnel of the ingress.
            assertEchoes(paying.openTcp(targets.tcp()));
        }
    }

    @ParameterizedTest
    @EnumSource(HttpVersion.class)
    void endsNestedTunnelsWhenTheEgressIsGoneWithoutAWord(HttpVersion outer) throws Exception {
        try (var targets = new Targets();
                var tap = Wiretap.start(InetAddress.getLoopbackAddress());
                var hops =
                        TwoHops.start(
                                directory, TwoHops.NESTED_EGRESS, passingThrough(), tap.port())) {
            tap.leadTo(hops.egressPort());
            try (var egress = hops.connectNested(outer, tap.port())) {
                var tunnel = hops.payingEgress(egress).openTcp(targets.tcp());
                assertEchoes(tunnel);
                long start = System.nanoTime();
                tap.close(); // What the egress's port does when its process is killed.
                // To a packet that finds no port the kernel has an answer.
                tunnel.output().write(1);
                assertThatThrownBy(() -> tunnel.input().read()).isInstanceOf(IOException.class);
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .as("sooner than by the idle time of QUIC")
                        .isLessThan(Duration.ofSeconds(20));
                awaitNoTunnel(hops.ingressMeters());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(HttpVersion.class)
    void tellsTheEgressWhenTheClientLeaves(HttpVersion outer) throws Exception {
        try (var targets = new Targets();
                var hops = start()) {
            try (var egress = hops.connectNested(outer)) {
                assertEchoes(hops.payingEgress(egress).openTcp(targets.tcp()));
                assertThat(TwoHops.gauge(hops.egressMeters(), "masque.tunnels.active")).isOne();
            }
            awaitNoTunnel(hops.ingressMeters());
            awaitNoTunnel(hops.egressMeters());
        }
    }

    @Test
    void drainsBothHops() throws Exception {
        try (var targets = new Targets();
                var hops = start();
                var egress = hops.connectNested(HttpVersion.H3)) {
            var paying = hops.payingEgress(egress);
            var running = paying.openTcp(targets.tcp());
            hops.ingressBean(Drain.class).start(Instant.EPOCH, "test");
            assertRefused(503, "proxy_internal_error", () -> hops.connectNested(HttpVersion.H3));
            assertEchoes(running);
            assertEchoes(paying.openTcp(targets.tcp()));
            hops.ingressBean(Drain.class).undo();

            hops.egressBean(Drain.class).start(Instant.EPOCH, "test");
            assertRefused(503, "proxy_internal_error", () -> paying.openTcp(targets.tcp()));
            assertEchoes(running);
            hops.egressBean(Drain.class).undo();
            assertEchoes(paying.openTcp(targets.tcp()));
        }
    }

    /// Where the connection to the ingress is gone, whoever wants a passage races for one over all
    /// transports, and each leg shows the same token.
    @Test
    void paysOnceForAPassageThatIsRacedFor() throws Exception {
        var raced =
                Transports.of(
                        List.of(HttpVersion.H3, HttpVersion.H2), List.of(Duration.ofMillis(1)));
        try (var targets = new Targets();
                var hops = start();
                var ingress = ConnectedRelay.connect(hops.clientSettings().with(raced))) {
            var to = new HostPort("localhost", hops.egressPort());
            var payments = new ConcurrentLinkedQueue<HeaderFields>();
            for (int i = 0; i < 5; i++) {
                payments.add(hops.payment(ingress));
            }
            Passages passages = () -> ingress.client().openPassage(to, payments.remove());
            for (int left = 4; left >= 0; left--) {
                goAway(hops, ingress);
                double before = opened(hops);
                try (var inner =
                        RelayClient.connectInside(
                                ingress.client(), hops.settings(to.port()), passages)) {
                    var egress = new ConnectedRelay(inner, Optional.empty());
                    assertEchoes(hops.payingEgress(egress).openTcp(targets.tcp()));
                    assertThat(payments).hasSize(left);
                    assertThat(opened(hops) - before).as("tunnels of the ingress").isOne();
                }
                awaitNoTunnel(hops.ingressMeters());
            }
        }
        LeakPresenceDetector.check();
    }

    /// Has the client leave its connection to the ingress.
    private static void goAway(TwoHops hops, ConnectedRelay ingress) {
        hops.ingressBean(Drain.class).start(Instant.EPOCH, "test");
        Await.until("the client leaves its connection", () -> ingress.version().isEmpty());
        hops.ingressBean(Drain.class).undo();
    }

    private static double opened(TwoHops hops) {
        return hops.ingressMeters().find("masque.tunnels.total").counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    @Test
    void asksForATokenOfTheEgressThatTheIngressHasNoPartIn() throws Exception {
        try (var targets = new Targets();
                var hops = start();
                var ingress = hops.connect();
                var egress = hops.connectNested(HttpVersion.H3)) {
            var ofIngress = refusal(() -> ingress.openUdp(targets.udp(), HeaderFields.NONE));
            var ofEgress = refusal(() -> egress.openUdp(targets.udp(), HeaderFields.NONE));

            assertThat(ofEgress.status()).isEqualTo(401);
            assertThat(ofEgress.fields().first("proxy-status").orElseThrow())
                    .startsWith("\"egress\";");
            assertThat(issuers(ofEgress)).containsOnly("egress.example");
            assertThat(issuers(ofIngress)).containsOnly("localhost");
            assertThat(keys(ofEgress)).isNotEmpty().doesNotContainAnyElementsOf(keys(ofIngress));
            assertThatThrownBy(() ->
                            hops.fetcher(ingress).fetch(Challenges.in(ofEgress).orElseThrow()))
                    .as("the ingress's issuer makes no tokens for the egress")
                    .hasMessageContaining("name no key that its issuer has");
        }
    }

    @ParameterizedTest
    @EnumSource(HttpVersion.class)
    void takesAtEachHopTheTokensOfItsOwnIssuerAlone(HttpVersion outer) throws Exception {
        try (var targets = new Targets();
                var hops = start();
                var ingress = hops.connect(outer);
                var egress = hops.connectNested(outer)) {
            var forIngress = hops.payment(ingress);
            var forEgress = hops.egressPayment(egress);

            assertChallenged(() -> egress.openUdp(targets.udp(), forIngress));
            assertChallenged(() -> ingress.openUdp(targets.udp(), forEgress));
            // Neither has been spent where it is not good.
            assertEchoes(egress.openUdp(targets.udp(), forEgress), new byte[100]);
            assertEchoes(ingress.openUdp(targets.udp(), forIngress), new byte[100]);
            assertChallenged(() -> egress.openUdp(targets.udp(), forEgress));
        }
    }

    private static void assertChallenged(Callable<? extends AutoCloseable> opening) {
        var refused = refusal(opening);
        assertThat(refused.status()).isEqualTo(401);
        assertThat(Challenges.in(refused)).isPresent();
    }

    private static TunnelRefusedException refusal(Callable<? extends AutoCloseable> opening) {
        var refused =
                catchThrowableOfType(TunnelRefusedException.class, () -> opening.call().close());
        assertThat(refused).isNotNull();
        return refused;
    }

    private static List<String> issuers(TunnelRefusedException refusal) throws Exception {
        var names = new ArrayList<String>();
        for (var one : Challenges.in(refusal).orElseThrow().offered()) {
            names.add(one.tokenChallenge().issuerName());
        }
        return names;
    }

    private static List<ImmutableBytes> keys(TunnelRefusedException refusal) {
        return Challenges.in(refusal).orElseThrow().offered().stream()
                .map(PrivateTokenChallenge::tokenKey)
                .filter(key -> key.length() > 0)
                .toList();
    }

    private static void assertRefused(
            int status, String error, Callable<? extends AutoCloseable> opening) {
        var refused = refusal(opening);
        assertThat(refused.status()).isEqualTo(status);
        assertThat(refused.fields().first("proxy-status").orElseThrow()).contains("error=" + error);
    }

    private static void awaitNoTunnel(MeterRegistry meters) {
        Await.until(
                "no tunnel is active", () -> TwoHops.gauge(meters, "masque.tunnels.active") == 0);
    }

    private static void assertEchoes(TcpTunnel tunnel) throws IOException {
        tunnel.output().write("hello".getBytes(UTF_8));
        assertThat(tunnel.input().readNBytes(5)).asString(UTF_8).isEqualTo("hello");
    }

    private static long echoed(TcpTunnel tunnel) throws Exception {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            executor.submit(
                    (Callable<Void>)
                            () -> {
                                for (int i = 0; i < TCP_BYTES / 50_000; i++) {
                                    tunnel.output().write(new byte[50_000]);
                                }
                                tunnel.output().close();
                                return null;
                            });
            return tunnel.input().transferTo(OutputStream.nullOutputStream());
        }
    }

    /// Datagrams can get lost on the way.
    private static void assertEchoes(UdpTunnel tunnel, byte[] payload) throws IOException {
        for (int i = 0; i < 20; i++) {
            tunnel.send(payload);
            var answer = tunnel.receive(Duration.ofMillis(500));
            if (answer.isPresent()) {
                assertThat(answer.get()).isEqualTo(payload);
                return;
            }
        }
        throw new AssertionError("no echo of " + payload.length + " bytes");
    }
}
