package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.ingress.directory.Egress;
import org.masquerelay.ingress.ops.EgressHealthIndicator;
import org.masquerelay.pki.Pem;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.RawBindTunnel;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.testkit.UdpForwarder;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;
import org.springframework.boot.health.contributor.Status;

/// An ingress that leads to several egresses.
@Timeout(180)
final class FleetTest {
    private static final String[] PLAIN = {};

    @TempDir Path directory;

    private ManyHops three(String... ingress) {
        var hops = new ManyHops(directory);
        var uris =
                ManyHops.uris(
                        hops.egress("127.0.0.1", 0, PLAIN),
                        hops.egress("127.0.0.1", 0, PLAIN),
                        hops.egress("127.0.0.1", 0, PLAIN));
        hops.ingress(with(uris, ingress));
        return hops;
    }

    private static String[] with(String one, String... others) {
        var all = new ArrayList<>(List.of(others));
        all.add(one);
        return all.toArray(String[]::new);
    }

    private static UdpTunnel open(RelayClient relay, Targets targets) throws IOException {
        return relay.openUdp(targets.udp(), HeaderFields.NONE);
    }

    private static List<UdpTunnel> open(RelayClient relay, Targets targets, int count)
            throws IOException {
        var tunnels = new ArrayList<UdpTunnel>();
        for (int i = 0; i < count; i++) {
            tunnels.add(open(relay, targets));
        }
        return tunnels;
    }

    private static void assertEchoes(UdpTunnel tunnel) throws IOException {
        tunnel.send("ping".getBytes(UTF_8));
        assertThat(tunnel.receive(Duration.ofSeconds(10))).isPresent();
    }

    private static TunnelRefusedException refusal(RelayClient relay, HostPort target) {
        return catchThrowableOfType(
                TunnelRefusedException.class, () -> relay.openUdp(target, HeaderFields.NONE));
    }

    @Test
    void dealsTunnelsOutToAllEgresses() throws Exception {
        try (var targets = new Targets();
                var hops = three();
                var relay = hops.connect()) {
            var tunnels = open(relay, targets, 60);
            for (var tunnel : tunnels) {
                assertEchoes(tunnel);
            }
            for (int i = 0; i < 3; i++) {
                assertThat(hops.tunnelsAt(i)).isBetween(14.0, 26.0);
            }
            assertThat(hops.counted("masque.upstream.retries")).isZero();
        }
    }

    /// `killed` is a process that has ended, whose machine says so; otherwise nothing is heard any
    /// more.
    @ParameterizedTest(name = "killed: {0}")
    @ValueSource(booleans = {true, false})
    void takesNewTunnelsToTheLivingAndLosesNothingOnThem(boolean killed) throws Exception {
        try (var targets = new Targets();
                var hops = new ManyHops(directory)) {
            var first = hops.egress("127.0.0.1", 0, PLAIN);
            var second = hops.egress("127.0.0.1", 0, PLAIN);
            var way = new UdpForwarder(hops.egress("127.0.0.1", 0, PLAIN));
            hops.ingress(
                    "--relay.upstream.ejection.base-time=2s",
                    "--relay.upstream.connect-timeout=2s",
                    ManyHops.uris(first, second, way.address()));
            try (var relay = hops.connect();
                    var load = new Load()) {
                for (var tunnel : open(relay, targets, 30)) {
                    load.add(tunnel);
                }
                int doomed = (int) hops.tunnelsAt(2);
                assertThat(doomed).isPositive();
                load.awaitRound();

                if (killed) {
                    way.close();
                } else {
                    way.silence();
                }

                var opened = new ArrayList<UdpTunnel>();
                for (int i = 0; i < 40; i++) {
                    long start = System.nanoTime();
                    opened.add(open(relay, targets));
                    assertThat(Duration.ofNanos(System.nanoTime() - start))
                            .isLessThan(Duration.ofSeconds(2));
                }
                for (var tunnel : opened) {
                    assertEchoes(tunnel);
                }
                load.awaitRound();
                assertThat(load.silent()).isEqualTo(doomed);
                assertThat(hops.counted("masque.upstream.retries")).isPositive();
            } finally {
                way.close();
            }
        }
    }

    @Test
    void ejectsAnEgressThatFailsAndTakesItBack() throws Exception {
        try (var targets = new Targets();
                var hops = new ManyHops(directory)) {
            var first = hops.egress("127.0.0.1", 0, PLAIN);
            var second = hops.egress("127.0.0.1", 0, PLAIN);
            hops.ingress(
                    "--relay.upstream.ejection.failures=2",
                    "--relay.upstream.ejection.base-time=3s",
                    ManyHops.uris(first, second));
            var health = hops.ingressBean(EgressHealthIndicator.class);
            assertThat(health.health().getStatus()).isEqualTo(Status.UP);
            assertThat(hops.meter("masque.upstream.up", second)).isEqualTo(1);
            hops.stopEgress(1);
            try (var relay = hops.connect()) {
                Await.until(
                        "it is ejected",
                        () -> {
                            assertOpens(relay, targets);
                            return hops.meter("masque.upstream.up", second) == 0;
                        });
                assertThat(hops.counted("masque.upstream.ejections")).isEqualTo(1);
                assertThat(health.health().getStatus()).isEqualTo(EgressHealthIndicator.DEGRADED);
                assertThat(health.health().getDetails())
                        .containsEntry(ManyHops.name(first), "up")
                        .hasEntrySatisfying(
                                ManyHops.name(second),
                                detail ->
                                        assertThat(detail)
                                                .asString()
                                                .startsWith("ejected (connect) until "));
                hops.egress("127.0.0.1", second.getPort(), PLAIN);
                Await.until(
                        "it is back",
                        () -> {
                            assertOpens(relay, targets);
                            return hops.meter("masque.upstream.up", second) == 1;
                        });
                assertThat(health.health().getStatus()).isEqualTo(Status.UP);
                open(relay, targets, 8);
                Await.until("it has tunnels", () -> hops.tunnelsAt(2) > 0);
            }
        }
    }

    private static void assertOpens(RelayClient relay, Targets targets) {
        try (var tunnel = open(relay, targets)) {
            assertEchoes(tunnel);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void takesNewTunnelsElsewhereWhileAnEgressDrains() throws Exception {
        try (var targets = new Targets();
                var hops = three();
                var relay = hops.connect()) {
            var running = open(relay, targets, 12);
            double before = hops.tunnelsAt(1);
            assertThat(before).isPositive();

            hops.egressBean(1, Drain.class).start("main", Instant.now(), "test");

            for (var tunnel : open(relay, targets, 20)) {
                assertEchoes(tunnel);
            }
            for (var tunnel : running) {
                assertEchoes(tunnel);
            }
            assertThat(hops.tunnelsAt(1)).isEqualTo(before);
            assertThat(
                            hops.meters()
                                    .get("masque.upstream.retries")
                                    .tag("reason", "draining")
                                    .functionCounter()
                                    .count())
                    .isPositive();
        }
    }

    @Test
    void saysWhenToComeBackWhenAllEgressesAreFull() throws Exception {
        try (var targets = new Targets();
                var hops = new ManyHops(directory)) {
            var limit = "--relay.egress.limits.max-tunnels=2";
            hops.ingress(
                    ManyHops.uris(
                            hops.egress("127.0.0.1", 0, limit),
                            hops.egress("127.0.0.1", 0, limit)));
            try (var relay = hops.connect()) {
                var tunnels = open(relay, targets, 4);
                assertThat(hops.tunnelsAt(0)).isEqualTo(2);
                var refused = refusal(relay, targets.udp());
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.fields().first("retry-after")).contains("1");
                assertThat(refused.fields().first("proxy-status").orElseThrow())
                        .contains("error=connection_limit_reached");
                for (var tunnel : tunnels) {
                    assertEchoes(tunnel);
                }
                tunnels.getFirst().close();
                Await.until(
                        "there is a place again", () -> hops.tunnelsAt(0) + hops.tunnelsAt(1) == 3);
                assertEchoes(open(relay, targets));
            }
        }
    }

    @Test
    void saysWhenToComeBackWhenAllEgressesAreOut() throws Exception {
        try (var targets = new Targets();
                var hops = new ManyHops(directory)) {
            var first = hops.egress("127.0.0.1", 0, PLAIN);
            var second = hops.egress("127.0.0.1", 0, PLAIN);
            hops.ingress(
                    "--relay.upstream.ejection.failures=1",
                    "--relay.upstream.ejection.base-time=20s",
                    "--relay.upstream.ejection.max-share=1",
                    ManyHops.uris(first, second));
            hops.stopEgress(0);
            hops.stopEgress(1);
            try (var relay = hops.connect()) {
                refusal(relay, targets.udp());
                var refused = refusal(relay, targets.udp());
                assertThat(refused.status()).isEqualTo(503);
                assertThat(Integer.parseInt(refused.fields().first("retry-after").orElseThrow()))
                        .isBetween(10, 22);
                assertThat(refused.fields().first("proxy-status").orElseThrow())
                        .contains("error=destination_unavailable");
                assertThat(hops.ingressBean(EgressHealthIndicator.class).health().getStatus())
                        .isEqualTo(Status.DOWN);
            }
        }
    }

    @Test
    void asksNoOtherEgressAboutWhatAPolicyRefuses() throws Exception {
        try (var hops = three();
                var relay = hops.connect()) {
            for (int i = 0; i < 6; i++) {
                // Port 25 is denied by default.
                assertThat(refusal(relay, new HostPort("127.0.0.1", 25)).status()).isEqualTo(403);
            }
            assertThat(hops.counted("masque.upstream.retries")).isZero();
            assertThat(hops.counted("masque.upstream.ejections")).isZero();
        }
    }

    @Test
    void keepsTheTunnelsOfATenantAtOneEgressWhileItTakesThem() throws Exception {
        var ca = ClientCa.root("clients");
        var authority = directory.resolve("clients.crt");
        Files.writeString(authority, Pem.text(List.of(ca.certificate())));
        try (var targets = new Targets();
                var hops =
                        three(
                                "--relay.upstream.sticky=tenant",
                                "--relay.auth.admit=mtls",
                                "--relay.listeners[0].client-auth=want",
                                "--relay.listeners[0].client-trust=file:" + authority)) {
            var homes = new HashSet<Integer>();
            int home = 0;
            for (var name : List.of("alice", "bob", "carol", "dan", "eve", "frank")) {
                var tls = ca.issue(ClientCa.Client.of(name), hops.clientTls().anchors());
                try (var relay = hops.connect(tls)) {
                    open(relay, targets, 6);
                    home = onlyOne(hops);
                    homes.add(home);
                }
                Await.until(
                        "its tunnels are over",
                        () -> hops.tunnelsAt(0) + hops.tunnelsAt(1) + hops.tunnelsAt(2) == 0);
            }
            assertThat(homes).as("not one for all").hasSizeGreaterThan(1);

            hops.egressBean(home, Drain.class).start("main", Instant.now(), "test");
            var tls = ca.issue(ClientCa.Client.of("frank"), hops.clientTls().anchors());
            try (var relay = hops.connect(tls)) {
                open(relay, targets, 6);
                assertThat(onlyOne(hops)).isNotEqualTo(home);
            }
        }
    }

    private static int onlyOne(ManyHops hops) {
        for (int i = 0; i < 3; i++) {
            if (hops.tunnelsAt(i) == 6) {
                return i;
            }
        }
        throw new AssertionError("the tunnels of one tenant are at several egresses");
    }

    @Test
    void takesItsEgressesFromABean() throws Exception {
        var told = new CompletableFuture<Consumer<List<Egress>>>();
        var ended = new CompletableFuture<Void>();
        try (var targets = new Targets();
                var hops = new ManyHops(directory)) {
            var first = named("amsterdam", hops.egress("127.0.0.1", 0, PLAIN));
            var second = named("berlin", hops.egress("127.0.0.1", 0, PLAIN));
            hops.directory((_, fleet) -> {
                fleet.accept(List.of(first));
                told.complete(fleet);
                return () -> ended.complete(null);
            });
            hops.ingress();
            try (var relay = hops.connect()) {
                var running = open(relay, targets, 4);
                assertThat(hops.tunnelsAt(0)).isEqualTo(4);
                told.get(10, TimeUnit.SECONDS).accept(List.of(second));
                open(relay, targets, 4);
                assertThat(hops.tunnelsAt(0)).isEqualTo(4);
                assertThat(hops.tunnelsAt(1)).isEqualTo(4);
                for (var tunnel : running) {
                    assertEchoes(tunnel);
                }
                assertThat(
                                hops.meters()
                                        .get("masque.upstream.tunnels")
                                        .tag("egress", "berlin")
                                        .gauge()
                                        .value())
                        .isEqualTo(4);
                for (var tunnel : running) {
                    tunnel.close();
                }
                Await.until(
                        "the connections to the first are closed",
                        () ->
                                TwoHops.gauge(
                                                hops.meters(),
                                                "quic.connections.active",
                                                "role",
                                                "client")
                                        == 1);
            }
        }
        ended.get(10, TimeUnit.SECONDS);
    }

    private static Egress named(String name, InetSocketAddress at) {
        return new Egress(name, HostPort.of(at), Optional.of(at), 0, 1);
    }

    @Test
    void bindsAtOneOfTheEgresses() throws Exception {
        var bind = "--relay.listeners[0].udp-bind=true";
        try (var hops = new ManyHops(directory)) {
            var addresses = "--relay.egress.bind.addresses=127.0.0.1";
            hops.ingress(
                    bind,
                    ManyHops.uris(
                            hops.egress("127.0.0.1", 0, bind, addresses),
                            hops.egress("127.0.0.1", 0, bind, addresses)));
            try (var client = RawH3Client.connect(hops.ingressAddress(), hops.clientTls())) {
                for (int i = 0; i < 4; i++) {
                    var tunnel = RawBindTunnel.askWith(client, "%2A", "%2A", "?1");
                    assertThat(tunnel.stream().head().status()).isEqualTo(200);
                }
                assertThat(hops.tunnelsAt(0) + hops.tunnelsAt(1)).isEqualTo(4);
            }
        }
    }

    @Test
    void leadsNestedClientsToEveryEgressOfTheFleet() throws Exception {
        try (var targets = new Targets();
                var hops = new ManyHops(directory)) {
            String[] gated = {
                "--relay.egress.clients=gated",
                "--relay.auth.admit=anybody",
                "--relay.auth.issuer-name=egress.example"
            };
            var egresses =
                    List.of(hops.egress("127.0.0.1", 0, gated), hops.egress("127.0.0.1", 0, gated));
            hops.ingress(
                    "--relay.passthrough.fleet=true",
                    "--relay.passthrough.only=true",
                    ManyHops.uris(egresses.toArray(InetSocketAddress[]::new)));
            for (var egress : egresses) {
                var at = new HostPort("127.0.0.1", egress.getPort());
                try (var outer = hops.connect();
                        var nested =
                                RelayClient.connectInside(
                                        outer,
                                        hops.settings(egress.getPort(), hops.clientTls()),
                                        () -> outer.openPassage(at, HeaderFields.NONE));
                        var tunnel = open(nested, targets)) {
                    assertEchoes(tunnel);
                }
            }
            try (var relay = hops.connect()) {
                assertThat(refusal(relay, targets.udp()).status()).isEqualTo(403);
            }
        }
    }

    /// Tunnels that ask and are answered all the time.
    private static final class Load implements AutoCloseable {
        private final List<UdpTunnel> tunnels = new ArrayList<>();
        private final Set<UdpTunnel> silent = ConcurrentHashMap.newKeySet();
        private final List<Thread> threads = new ArrayList<>();
        private final AtomicIntegerArray rounds = new AtomicIntegerArray(1000);
        private volatile boolean over;

        void add(UdpTunnel tunnel) {
            int number = tunnels.size();
            tunnels.add(tunnel);
            threads.add(Thread.ofVirtual().start(() -> ask(tunnel, number)));
        }

        private void ask(UdpTunnel tunnel, int number) {
            try {
                while (!over) {
                    tunnel.send("ping".getBytes(UTF_8));
                    if (tunnel.receive(Duration.ofSeconds(5)).isEmpty()) {
                        silent.add(tunnel);
                        return;
                    }
                    rounds.incrementAndGet(number);
                    Thread.sleep(5);
                }
            } catch (IOException _) {
                silent.add(tunnel);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        /// Until each has been answered ten more times, or is silent.
        void awaitRound() {
            var before = new int[tunnels.size()];
            for (int i = 0; i < before.length; i++) {
                before[i] = rounds.get(i);
            }
            Await.until(
                    "a round",
                    () -> {
                        for (int i = 0; i < before.length; i++) {
                            if (rounds.get(i) < before[i] + 10
                                    && !silent.contains(tunnels.get(i))) {
                                return false;
                            }
                        }
                        return true;
                    });
        }

        int silent() {
            return silent.size();
        }

        @Override
        public void close() throws InterruptedException {
            over = true;
            for (var thread : threads) {
                thread.join(Duration.ofSeconds(10));
            }
        }
    }
}
