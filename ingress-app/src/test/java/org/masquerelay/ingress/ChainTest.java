package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.gate.OpenGate;
import org.masquerelay.http.ConnectTcp;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.http.ScriptedService.Answer;
import org.masquerelay.http.TestFront;
import org.masquerelay.http.Transports;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.ingress.upstream.UpstreamSettings;
import org.masquerelay.tenant.TenantWriter;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// An ingress as one of a chain: what it tells the hops around it, and how it shares connections to
/// an egress that a test plays.
@Timeout(60)
final class ChainTest {
    private static final String NAMED = "{displayName} over {0}";

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private static IngressPipeline ingress(InetSocketAddress egress, Transports transports)
            throws IOException {
        var front =
                FrontSettings.standard(
                        "ingress",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ClientCertificates.IGNORED);
        var upstream =
                new UpstreamSettings(
                        new HostPort("localhost", egress.getPort()),
                        UriTemplate.UDP,
                        UriTemplate.TCP,
                        ConnectTcp.DRAFTS.getFirst(),
                        transports,
                        Duration.ofSeconds(5),
                        true,
                        Duration.ofMinutes(1),
                        0,
                        16,
                        10_000,
                        Duration.ofHours(1),
                        Duration.ofMinutes(2),
                        Duration.ofMinutes(10),
                        false,
                        ConnectionSettings.STANDARD,
                        CapsulePolicy.STANDARD);
        return IngressPipeline.start(
                new IngressPipeline.Parts(
                        1,
                        List.of(front),
                        ListenerTls.same(TestFront.PKI::egressServer),
                        upstream,
                        TestFront::clientTls,
                        TenantWriter.NONE,
                        new OpenGate(),
                        _ -> PlainResponse.empty(404),
                        new Drain(),
                        new CountingListener()));
    }

    private static RawClient connect(IngressPipeline ingress, HttpVersion version)
            throws IOException {
        return RawClient.connect(version, ingress.addresses().getFirst(), TestFront.clientTls());
    }

    private static RawTunnel open(RawClient client) throws Exception {
        var tunnel = client.connect("target.test:7");
        assertThat(tunnel.awaitHead().status()).isEqualTo(200);
        return tunnel;
    }

    private static void assertEchoes(RawTunnel tunnel) throws Exception {
        tunnel.send("hello");
        assertThat(tunnel.awaitText(5)).isEqualTo("hello");
    }

    @DisplayName("R4 9110 7.6.3: Via names this relay to the next, behind those before it")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void addsItselfToVia(HttpVersion version) throws Exception {
        try (var egress = TestFront.of(EnumSet.of(HttpVersion.H3), 0, Answer.AT_ONCE);
                var ingress = ingress(egress.address(), Transports.H3);
                var client = connect(ingress, version)) {
            var tunnel = client.connect("target.test:7", "via", "1.1 edge");
            assertThat(tunnel.awaitHead().status()).isEqualTo(200);
            var number = version == HttpVersion.H1 ? "1.1" : version.tag().substring(1);
            var via = egress.service().next().request().head().fields().all("via");
            assertThat(String.join(", ", via)).matches("1.1 edge, " + number + " relay-[0-9a-f]+");
        }
    }

    @DisplayName("R5 9209 2.3.33: a request that has been here before is 508, proxy_loop_detected")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void breaksLoops(HttpVersion version) throws Exception {
        try (var egress = TestFront.of(EnumSet.of(HttpVersion.H3), 0, Answer.AT_ONCE);
                var ingress = ingress(egress.address(), Transports.H3);
                var client = connect(ingress, version)) {
            open(client);
            var via = egress.service().next().request().head().fields().first("via").orElseThrow();
            for (var seen : List.of(via, "1.1 edge, " + via + ", 2 other", "1.1 a,".repeat(17))) {
                var head = client.connect("target.test:7", "via", seen).awaitHead();
                assertThat(head.status()).isEqualTo(508);
                assertThat(head.fields().first("proxy-status").orElseThrow())
                        .startsWith("\"ingress\";error=proxy_loop_detected");
            }
            assertThat(egress.service().wasAsked()).isFalse();
        }
    }

    @DisplayName("R5 9209 2: a refusal of the next hop is passed on, and our member follows it")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void appendsItsMember(HttpVersion version) throws Exception {
        try (var egress = TestFront.of(EnumSet.of(HttpVersion.H2), 0, Answer.LATER);
                var ingress = ingress(egress.address(), Transports.only(HttpVersion.H2));
                var client = connect(ingress, version)) {
            var tunnel = client.connect("target.test:7");
            var exchange = egress.service().next();
            exchange.eventLoop()
                    .execute(() -> exchange.refuse(RefusalReason.DNS_TIMEOUT.because("")));
            var head = tunnel.awaitHead();
            assertThat(head.status()).isEqualTo(504);
            assertThat(String.join(", ", head.fields().all("proxy-status")))
                    .isEqualTo("\"relay\";error=dns_timeout, \"ingress\"");
        }
    }

    @DisplayName("case 39: an egress that is down is 502, connection_refused")
    @ParameterizedTest(name = NAMED)
    @EnumSource(names = {"H2", "H1"})
    void saysThatTheEgressIsDown(HttpVersion upstream) throws Exception {
        InetSocketAddress nobody;
        try (var socket = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = (InetSocketAddress) socket.getLocalSocketAddress();
        }
        try (var ingress = ingress(nobody, Transports.only(upstream));
                var client = connect(ingress, HttpVersion.H2)) {
            var head = client.connect("target.test:7").awaitHead();
            assertThat(head.status()).isEqualTo(502);
            assertThat(head.fields().first("proxy-status").orElseThrow())
                    .startsWith("\"ingress\";error=connection_refused");
        }
    }

    private static int connections(TestFront egress, int tunnels) throws InterruptedException {
        Set<Object> addresses = new HashSet<>();
        for (int i = 0; i < tunnels; i++) {
            addresses.add(egress.service().next().request().peer().address());
        }
        return addresses.size();
    }

    @DisplayName(
            "case 55, R4 9113 5.1.2: the egress's MAX_CONCURRENT_STREAMS holds, the rest spill")
    @Test
    void spillsToFurtherConnectionsOverHttp2() throws Exception {
        try (var egress = TestFront.ofStreams(HttpVersion.H2, 2);
                var ingress = ingress(egress.address(), Transports.only(HttpVersion.H2));
                var client = connect(ingress, HttpVersion.H2)) {
            var asked = new ArrayList<RawTunnel>();
            for (int i = 0; i < 5; i++) {
                asked.add(client.connect("target.test:7"));
            }
            for (var tunnel : asked) {
                assertThat(tunnel.awaitHead().status()).isEqualTo(200);
                assertEchoes(tunnel);
            }
            assertThat(connections(egress, 5)).isEqualTo(3);
        }
    }

    @DisplayName("case 44, case 55: GOAWAY of the egress retires a connection, its tunnels run on")
    @Test
    void retiresAConnectionThatGoesAway() throws Exception {
        try (var egress = TestFront.of(EnumSet.of(HttpVersion.H2), 0, Answer.AT_ONCE);
                var ingress = ingress(egress.address(), Transports.only(HttpVersion.H2));
                var client = connect(ingress, HttpVersion.H2)) {
            var before = open(client);
            var first = egress.service().next().request().peer().address();
            egress.goAway();
            Await.until(
                    "a tunnel has another connection", () -> isElsewhere(egress, client, first));
            assertEchoes(before);
        }
    }

    private static boolean isElsewhere(TestFront egress, RawClient client, Object first) {
        try {
            open(client);
            return !egress.service().next().request().peer().address().equals(first);
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    @DisplayName("case 55: over HTTP/1.1 every tunnel has a connection of its own, dialled at once")
    @Test
    void dialsOneConnectionForEachTunnelOverHttp1() throws Exception {
        try (var egress = TestFront.of(EnumSet.of(HttpVersion.H1), 0, Answer.LATER);
                var ingress = ingress(egress.address(), Transports.only(HttpVersion.H1));
                var client = connect(ingress, HttpVersion.H2)) {
            var asked = new ArrayList<RawTunnel>();
            for (int i = 0; i < 5; i++) {
                asked.add(client.connect("target.test:7"));
            }
            // None is answered before all have come: they were not dialled one after the other.
            var exchanges = new ArrayList<TunnelExchange>();
            Set<Object> addresses = new HashSet<>();
            for (int i = 0; i < 5; i++) {
                exchanges.add(egress.service().next());
                addresses.add(exchanges.getLast().request().peer().address());
            }
            assertThat(addresses).hasSize(5);
            egress.service().acceptLater(exchanges.removeLast());
            for (var exchange : exchanges) {
                exchange.eventLoop()
                        .execute(() -> exchange.refuse(RefusalReason.FORBIDDEN.because("")));
            }
            var statuses = new ArrayList<Integer>();
            for (var tunnel : asked) {
                statuses.add(tunnel.awaitHead().status());
            }
            assertThat(statuses).containsExactlyInAnyOrder(403, 403, 403, 403, 200);
        }
    }
}
