package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.boot.config.CertificatesInUse;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.http.Transports;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.ManagementPort;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;
import org.springframework.core.env.Environment;

/// The files of the certificates of both hops change under a thousand tunnels.
@Timeout(300)
final class CertificateRotationTest {
    private static final String QUIET = "--spring.ssl.bundle.watch.file.quiet-period=200ms";
    private static final int CONNECTIONS_EACH = 2;
    private static final int TUNNELS_OF_CONNECTION = 200;
    private static final int TUNNELS_OVER_H1 = 200;
    private static final int TUNNELS =
            2 * CONNECTIONS_EACH * TUNNELS_OF_CONNECTION + TUNNELS_OVER_H1;

    @TempDir Path directory;

    private final List<RelayClient> clients = new ArrayList<>();
    private DevelopmentPki before;
    private DevelopmentPki after;

    @BeforeEach
    void makeCertificates() throws IOException {
        before = pki("before");
        after = pki("after");
        trustBoth();
        show("before");
    }

    @Test
    @DisplayName("certificates change under 1000 tunnels over h3, h2 and h1, and none ends")
    void showsTheNewCertificatesAndKeepsEveryTunnel() throws Exception {
        try (var targets = new Targets();
                var hops = TwoHops.start(directory.resolve("none"), egress(), ingress())) {
            var tunnels = open(hops, targets);
            assertThat(tunnels).hasSize(TUNNELS);
            echo(tunnels);
            assertShows(hops, before, after);
            var upstream = hops.upstreamConnections();

            Files.writeString(file("front.crt"), "no certificate");
            Await.until("the ingress refuses it", () -> current(hops, "front") == 0);
            assertShows(hops, before, after);
            assertThat(health(hops, "/readiness")).isEqualTo(200);
            assertThat(health(hops, "")).isEqualTo(503);

            show("after");
            for (var bundle : List.of("front", "client")) {
                Await.until(bundle + " is the new one", () -> isNew(hops, bundle));
            }
            Await.until("that of the egress is the new one", () -> isNewAtEgress(hops));

            assertThat(current(hops, "front")).isEqualTo(1);
            assertThat(health(hops, "")).isEqualTo(200);
            assertShows(hops, after, before);
            assertThat(TwoHops.gauge(hops.ingressMeters(), "masque.tunnels.active"))
                    .isEqualTo(TUNNELS);
            echo(tunnels);
            // With the new client certificate, on a connection that has seen the new one of the
            // egress.
            try (var another = connect(hops, HttpVersion.H3, both())) {
                assertEchoes(another.openUdp(targets.udp(), HeaderFields.NONE));
                assertThat(hops.upstreamConnections()).isEqualTo(upstream + 1);
            }
            echo(tunnels);
            assertThat(daysLeft(hops)).isBetween(29.0, 30.0);
        } finally {
            clients.forEach(RelayClient::close);
        }
    }

    private DevelopmentPki pki(String name) throws IOException {
        return DevelopmentPki.open(directory.resolve(name), Clock.systemUTC());
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private void trustBoth() throws IOException {
        for (var ca : List.of("server-ca.crt", "entry-ca.crt")) {
            Files.writeString(
                    file(ca),
                    Files.readString(directory.resolve("before").resolve(ca))
                            + Files.readString(directory.resolve("after").resolve(ca)));
        }
    }

    /// As an ACME client does: each file is replaced, the key first.
    private void show(String pki) throws IOException {
        var of = directory.resolve(pki);
        for (var end : List.of(".key", ".crt")) {
            replace(of.resolve("ingress" + end), file("front" + end));
            replace(of.resolve("ingress-client" + end), file("client" + end));
            replace(of.resolve("egress" + end), file("egress" + end));
        }
    }

    private void replace(Path from, Path to) throws IOException {
        var beside = file("beside");
        Files.copy(from, beside, StandardCopyOption.REPLACE_EXISTING);
        Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE);
    }

    private List<String> egress() {
        return Stream.of(
                        bundle("egress", "egress", "entry-ca.crt"),
                        List.of(
                                QUIET,
                                "--relay.tls.bundle=egress",
                                "--relay.event-loops=1",
                                "--relay.egress.allow-private=true",
                                "--relay.egress.max-tunnels-per-connection=4096"))
                .flatMap(List::stream)
                .toList();
    }

    private List<String> ingress() {
        return Stream.of(
                        bundle("front", "front", null),
                        bundle("client", "client", "server-ca.crt"),
                        List.of(
                                QUIET,
                                "--relay.tls.bundle=front",
                                "--relay.upstream.tls-bundle=client",
                                "--relay.auth.admit=anybody",
                                "--relay.event-loops=1",
                                "--relay.upstream.pool.max-streams=4096"))
                .flatMap(List::stream)
                .toList();
    }

    private List<String> bundle(String name, String own, @Nullable String anchors) {
        var of = "--spring.ssl.bundle.pem." + name + ".";
        var arguments = new ArrayList<String>();
        arguments.add(of + "reload-on-update=true");
        arguments.add(of + "keystore.certificate=" + file(own + ".crt").toUri());
        arguments.add(of + "keystore.private-key=" + file(own + ".key").toUri());
        if (anchors != null) {
            arguments.add(of + "truststore.certificate=" + file(anchors).toUri());
        }
        return arguments;
    }

    private List<UdpTunnel> open(TwoHops hops, Targets targets) throws Exception {
        var calls = new ArrayList<Callable<UdpTunnel>>();
        for (var version : List.of(HttpVersion.H3, HttpVersion.H2)) {
            for (int i = 0; i < CONNECTIONS_EACH; i++) {
                calls.addAll(calls(hops, targets, version, TUNNELS_OF_CONNECTION));
            }
        }
        calls.addAll(calls(hops, targets, HttpVersion.H1, TUNNELS_OVER_H1));
        return inParallel(calls);
    }

    private List<Callable<UdpTunnel>> calls(
            TwoHops hops, Targets targets, HttpVersion version, int count) throws IOException {
        var client = connect(hops, version, both());
        clients.add(client);
        var calls = new ArrayList<Callable<UdpTunnel>>();
        for (int i = 0; i < count; i++) {
            calls.add(() -> client.openUdp(targets.udp(), HeaderFields.NONE));
        }
        return calls;
    }

    private static void echo(List<UdpTunnel> tunnels) throws Exception {
        var calls = new ArrayList<Callable<UdpTunnel>>();
        for (var tunnel : tunnels) {
            calls.add(() -> {
                assertEchoes(tunnel);
                return tunnel;
            });
        }
        inParallel(calls);
    }

    private static List<UdpTunnel> inParallel(List<Callable<UdpTunnel>> calls) throws Exception {
        try (var threads = Executors.newFixedThreadPool(16)) {
            var results = new ArrayList<UdpTunnel>();
            for (var result : threads.invokeAll(calls)) {
                results.add(result.get());
            }
            return results;
        }
    }

    private static void assertEchoes(UdpTunnel tunnel) throws IOException {
        tunnel.send("ping".getBytes(UTF_8));
        assertThat(tunnel.receive(Duration.ofSeconds(20))).isPresent();
    }

    /// Whoever trusts the authority of the one alone gets through, whoever trusts that of the other
    /// alone does not.
    private static void assertShows(TwoHops hops, DevelopmentPki shown, DevelopmentPki other)
            throws Exception {
        for (int port : new int[] {hops.ingressPort(), hops.egressPort()}) {
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            for (var version : HttpVersion.values()) {
                var with =
                        new TlsMaterial(
                                other.ingressUpstream().key(),
                                other.ingressUpstream().chain(),
                                shown.client().anchors());
                try (var client = RawClient.connect(version, address, with)) {
                    assertThat(client.request("GET", "/").awaitHead().status()).isEqualTo(404);
                }
                assertThatThrownBy(
                                () -> {
                                    var wrong = other.client();
                                    try (var client = RawClient.connect(version, address, wrong)) {
                                        client.request("GET", "/").awaitHead();
                                    }
                                })
                        .as("%s at %s", version, port)
                        .isInstanceOf(IOException.class);
            }
        }
    }

    private TlsMaterial both() {
        var anchors = new ArrayList<>(before.client().anchors());
        anchors.addAll(after.client().anchors());
        return TlsMaterial.trusting(anchors);
    }

    private static RelayClient connect(TwoHops hops, HttpVersion version, TlsMaterial tls)
            throws IOException {
        return RelayClient.connect(
                new RelayClient.Settings(
                        new HostPort("127.0.0.1", hops.ingressPort()),
                        "localhost",
                        tls,
                        UriTemplate.UDP,
                        Duration.ofSeconds(30),
                        Transports.only(version)));
    }

    private static int health(TwoHops hops, String group) throws Exception {
        var port = hops.ingressBean(Environment.class).getRequiredProperty("local.server.port");
        return new ManagementPort(Integer.parseInt(port))
                .get("/actuator/health" + group)
                .statusCode();
    }

    private static double current(TwoHops hops, String bundle) {
        return TwoHops.gauge(hops.ingressMeters(), "masque.certificate.current", "bundle", bundle);
    }

    private static double daysLeft(TwoHops hops) {
        return TwoHops.gauge(
                hops.egressMeters(), "masque.certificate.expiry.days", "bundle", "egress");
    }

    private boolean isNew(TwoHops hops, String bundle) {
        var wanted = bundle.equals("front") ? after.ingressServer() : after.ingressUpstream();
        return shows(hops.ingressBean(CertificatesInUse.class), bundle, wanted);
    }

    private boolean isNewAtEgress(TwoHops hops) {
        return shows(hops.egressBean(CertificatesInUse.class), "egress", after.egressServer());
    }

    private static boolean shows(CertificatesInUse all, String bundle, TlsMaterial wanted) {
        var shown = all.of(bundle).orElseThrow().material().get();
        return shown.chain().equals(wanted.chain());
    }
}
