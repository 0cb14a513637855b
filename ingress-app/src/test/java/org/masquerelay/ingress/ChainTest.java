package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.gate.OpenGate;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.http.ScriptedService.Answer;
import org.masquerelay.http.TestFront;
import org.masquerelay.http.Transports;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.ingress.directory.Egress;
import org.masquerelay.ingress.directory.EgressDirectory;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.fleet.FleetSettings;
import org.masquerelay.ingress.passthrough.PassthroughSettings;
import org.masquerelay.ingress.upstream.UpstreamSettings;
import org.masquerelay.tenant.TenantWriter;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawH3Server;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.testkit.ScriptedRelay;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.wire.HostPort;

/// An ingress as one of a chain: what it tells the hops around it, and how it shares connections to
/// an egress that a test plays.
@Timeout(60)
final class ChainTest {
    private static final String NAMED = "{displayName} over {0}";
    private static final int H3_INTERNAL_ERROR = 0x102;
    private static final int H3_REQUEST_REJECTED = 0x10b;

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private static IngressPipeline ingress(InetSocketAddress egress, Transports transports)
            throws IOException {
        return ingress(egress, transports, false, ConnectionSettings.STANDARD);
    }

    private static IngressPipeline ingress(
            InetSocketAddress egress,
            Transports transports,
            boolean exposeNextHop,
            ConnectionSettings connection)
            throws IOException {
        var front =
                FrontSettings.standard(
                        "ingress",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        ClientCertificates.IGNORED);
        var upstream = UpstreamSettings.STANDARD.with(transports, exposeNextHop, connection);
        return IngressPipeline.start(
                new IngressPipeline.Parts(
                        1,
                        List.of(front),
                        ListenerTls.same(TestFront.PKI::egressServer),
                        EgressDirectory.of(
                                List.of(Egress.at(new HostPort("localhost", egress.getPort())))),
                        new Fleet(FleetSettings.STANDARD, Ticker.systemTicker(), new Random()),
                        upstream,
                        TestFront::clientTls,
                        PassthroughSettings.NONE,
                        TenantWriter.NONE,
                        new OpenGate(),
                        (_, _) -> PlainResponse.empty(404),
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

    @DisplayName("R4 9110 7.6.3: a Via that is too long to be passed on is 431")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void passesNoLongVia(HttpVersion version) throws Exception {
        try (var egress = TestFront.of(EnumSet.of(HttpVersion.H3), 0, Answer.AT_ONCE);
                var ingress = ingress(egress.address(), Transports.H3);
                var client = connect(ingress, version)) {
            var longest = "1.1 " + "a".repeat(1020);
            assertThat(client.connect("target.test:7", "via", longest).awaitHead().status())
                    .isEqualTo(200);
            egress.service().next();
            for (var lines : List.of(new String[] {longest + "a"}, new String[] {longest, "2 b"})) {
                var fields = new ArrayList<String>();
                for (var line : lines) {
                    fields.addAll(List.of("via", line));
                }
                var head =
                        client.connect("target.test:7", fields.toArray(String[]::new)).awaitHead();
                assertThat(head.status()).isEqualTo(431);
                assertThat(head.fields().first("proxy-status").orElseThrow())
                        .startsWith("\"ingress\";error=http_request_error");
            }
            assertThat(egress.service().wasAsked()).isFalse();
        }
    }

    @DisplayName("case 77, R5 9209 2.1.2: nor do clients see it in a refusal, unless they may")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void keepsTheNextHopOfRefusalsToItself(HttpVersion version) throws Exception {
        for (boolean exposed : List.of(false, true)) {
            try (var egress = ScriptedRelay.start(HttpVersion.H3, TestFront.PKI.egressServer());
                    var ingress =
                            ingress(
                                    egress.address(),
                                    Transports.H3,
                                    exposed,
                                    ConnectionSettings.STANDARD);
                    var client = connect(ingress, version)) {
                var hop = ";next-hop=\"192.0.2.1:7\"";
                var tunnel = client.connect("target.test:7");
                egress.next()
                        .answer(502, "proxy-status", "\"egress\";error=connection_refused" + hop);
                var head = tunnel.awaitHead();
                assertThat(head.status()).isEqualTo(502);
                assertThat(head.fields().all("proxy-status"))
                        .containsExactly(
                                "\"egress\";error=connection_refused"
                                        + (exposed ? hop : "")
                                        + ", \"ingress\"");
            }
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

    @DisplayName(
            "R5 9209 2.1.2: next-hop of the egress is kept from clients, unless they may see it")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void keepsTheNextHopToItself(HttpVersion version) throws Exception {
        for (boolean exposed : List.of(false, true)) {
            try (var egress = ScriptedRelay.start(HttpVersion.H3, TestFront.PKI.egressServer());
                    var ingress =
                            ingress(
                                    egress.address(),
                                    Transports.H3,
                                    exposed,
                                    ConnectionSettings.STANDARD);
                    var client = connect(ingress, version)) {
                var hop = exposed ? ";next-hop=\"192.0.2.1:7\"" : "";
                var opened = client.connect("target.test:7");
                egress.next().answer(200, "proxy-status", "\"egress\";next-hop=\"192.0.2.1:7\"");
                assertThat(opened.awaitHead().fields().all("proxy-status"))
                        .containsExactly("\"egress\"" + hop + ", \"ingress\"");
            }
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

    @DisplayName(
            "R4 9114 8.1, 9113 8.7: a request that was rejected unseen is asked again, and no other")
    @Test
    void asksAgainWhatWasRejected() throws Exception {
        try (var egress = RawH3Server.start(TestFront.PKI.egressServer());
                var ingress = ingress(egress.address(), Transports.H3);
                var client = connect(ingress, HttpVersion.H2)) {
            var first = client.connect("target.test:7");
            egress.next().answer(200);
            assertThat(first.awaitHead().status()).isEqualTo(200);

            var second = client.connect("target.test:7");
            egress.next().reset(H3_REQUEST_REJECTED);
            egress.next().answer(200);
            assertThat(second.awaitHead().status()).isEqualTo(200);

            var third = client.connect("target.test:7");
            egress.next().reset(H3_INTERNAL_ERROR);
            assertThat(third.awaitHead().status()).isEqualTo(502);
            assertThat(egress.hasRequest()).isFalse();
        }
    }

    @DisplayName("R4 9114 7.2.8: frames of a reserved type keep an idle connection to the egress")
    @Test
    void keepsAnIdleConnection() throws Exception {
        var brief = ConnectionSettings.STANDARD.withIdleTimeout(Duration.ofSeconds(1));
        try (var egress = TestFront.of(EnumSet.of(HttpVersion.H3), 0, Answer.AT_ONCE);
                var ingress = ingress(egress.address(), Transports.H3, false, brief);
                var client = connect(ingress, HttpVersion.H2)) {
            var tunnel = open(client);
            Thread.sleep(2500);
            assertEchoes(tunnel);
        }
    }

    @DisplayName(
            "case 44, case 55, R4 9113 6.8, 9114 5.2: GOAWAY of the egress retires a connection,"
                    + " its tunnels run on")
    @ParameterizedTest(name = NAMED)
    @EnumSource(names = {"H2", "H3"})
    void retiresAConnectionThatGoesAway(HttpVersion upstream) throws Exception {
        try (var egress = TestFront.of(EnumSet.of(upstream), 0, Answer.AT_ONCE);
                var ingress = ingress(egress.address(), Transports.only(upstream));
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
