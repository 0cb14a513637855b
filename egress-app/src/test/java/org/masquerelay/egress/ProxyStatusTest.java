package org.masquerelay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.testkit.DnsServer;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.tunnel.HttpVersion;

/// The Proxy-Status (RFC 9209) of every failure that a target can bring about, for each way to ask
/// and over every HTTP version.
@Timeout(60)
final class ProxyStatusTest {
    private static final String NAMED = "{displayName}: {1} over {0}";

    private static DnsServer dns;
    private static TestEgress open;
    private static TestEgress strict;

    /// How a tunnel is asked for.
    enum Way {
        CLASSIC,
        CONNECT_TCP,
        CONNECT_UDP;

        RawTunnel ask(RawClient client, String host, int port) throws Exception {
            var encoded = host.replace(":", "%3A");
            return switch (this) {
                case CLASSIC ->
                        client.connect((host.contains(":") ? "[" + host + "]" : host) + ":" + port);
                case CONNECT_TCP ->
                        client.upgrade(
                                "connect-tcp-12",
                                "/.well-known/masque/tcp/" + encoded + "/" + port + "/",
                                "capsule-protocol",
                                "?1");
                case CONNECT_UDP ->
                        client.upgrade(
                                "connect-udp",
                                "/.well-known/masque/udp/" + encoded + "/" + port + "/",
                                "capsule-protocol",
                                "?1");
            };
        }
    }

    static Stream<Arguments> ways() {
        return Arrays.stream(HttpVersion.values())
                .flatMap(version ->
                        Arrays.stream(Way.values()).map(way -> Arguments.of(version, way)));
    }

    static Stream<Arguments> tcpWays() {
        return ways().filter(arguments -> arguments.get()[1] != Way.CONNECT_UDP);
    }

    @BeforeAll
    static void start() throws Exception {
        dns = DnsServer.start();
        dns.code("broken.test", 2);
        dns.silence("silent.test");
        dns.addresses("inside.test", "10.1.2.3");
        open = TestEgress.start(TestEgress.settings(true, List.of(dns.address())));
        strict = TestEgress.start(TestEgress.settings(false, List.of(dns.address())));
    }

    @AfterAll
    static void stop() {
        open.close();
        strict.close();
        dns.close();
        LeakPresenceDetector.check();
    }

    private static void assertRefused(
            RawClient client, Way way, String host, int port, int status, String proxyStatus)
            throws Exception {
        assertRefused(way.ask(client, host, port), status, proxyStatus);
    }

    private static void assertRefused(RawTunnel tunnel, int status, String proxyStatus)
            throws Exception {
        var head = tunnel.awaitHead();
        assertThat(head.status()).isEqualTo(status);
        assertThat(head.fields().all("proxy-status")).hasSize(1);
        assertThat(head.fields().first("proxy-status").orElseThrow())
                .startsWith("\"egress\";error=" + proxyStatus);
        // RFC 9297, section 3.4: only said where capsules follow.
        assertThat(head.fields().contains("capsule-protocol")).isFalse();
    }

    @DisplayName("case 14, case 76, R5: a name that does not exist is 502, dns_error, NXDOMAIN")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void saysThatThereIsNoSuchName(HttpVersion version, Way way) throws Exception {
        try (var client = open.connect(version)) {
            assertRefused(client, way, "nxdomain.test", 443, 502, "dns_error;rcode=\"NXDOMAIN\"");
        }
    }

    @DisplayName("R5: a name server that fails is 502, dns_error, SERVFAIL")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void saysThatTheNameServerFails(HttpVersion version, Way way) throws Exception {
        try (var client = open.connect(version)) {
            assertRefused(client, way, "broken.test", 443, 502, "dns_error;rcode=\"SERVFAIL\"");
        }
    }

    @DisplayName("R5: a name server that is silent is 504, dns_timeout")
    @ParameterizedTest(name = "{displayName} over {0}")
    @EnumSource
    void saysThatTheNameServerIsSilent(HttpVersion version) throws Exception {
        try (var client = open.connect(version)) {
            var tunnels = new ArrayList<RawTunnel>();
            for (var way : Way.values()) {
                tunnels.add(way.ask(client, "silent.test", 443));
            }
            for (var tunnel : tunnels) {
                assertRefused(tunnel, 504, "dns_timeout");
            }
        }
    }

    @DisplayName("case 75, case 34, R5: an address out of bounds is 403, destination_ip_prohibited")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void refusesAddressesOutOfBounds(HttpVersion version, Way way) throws Exception {
        try (var client = strict.connect(version)) {
            for (var host : List.of("127.0.0.1", "::1", "::ffff:10.0.0.1", "inside.test")) {
                assertRefused(client, way, host, 443, 403, "destination_ip_prohibited");
            }
        }
    }

    @DisplayName("case 80, R4 9110 9.3.6: a port that is denied is 403, http_request_denied")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void refusesDeniedPorts(HttpVersion version, Way way) throws Exception {
        var rules = new TargetRules(true, Set.of(25));
        var settings = TestEgress.settings(rules, List.of(dns.address()), TestEgress.LOOPBACK_BIND);
        try (var picky = TestEgress.start(settings);
                var client = picky.connect(version)) {
            assertRefused(client, way, "127.0.0.1", 25, 403, "http_request_denied");
            assertRefused(client, way, "nxdomain.test", 25, 403, "http_request_denied");
            assertRefused(client, way, "nxdomain.test", 24, 502, "dns_error");
        }
    }

    @DisplayName("case 77, R5: a closed port is 502, connection_refused, with next-hop")
    @ParameterizedTest(name = NAMED)
    @MethodSource("tcpWays")
    void saysThatNobodyListens(HttpVersion version, Way way) throws Exception {
        int closed;
        try (var unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = unused.getLocalPort();
        }
        try (var client = open.connect(version)) {
            assertRefused(
                    client,
                    way,
                    "127.0.0.1",
                    closed,
                    502,
                    "connection_refused;next-hop=\"127.0.0.1:%d\"".formatted(closed));
        }
    }

    @DisplayName("R2 7, R5: a tunnel to this relay itself is 508, proxy_loop_detected")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void refusesATunnelToItself(HttpVersion version, Way way) throws Exception {
        int own = open.address().getPort();
        try (var client = open.connect(version)) {
            for (var host : List.of("127.0.0.1", "0.0.0.0")) {
                assertRefused(client, way, host, own, 508, "proxy_loop_detected");
            }
        }
    }

    @DisplayName("case 15, R5: a relay that drains is 503, proxy_internal_error")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void saysThatItDrains(HttpVersion version, Way way) throws Exception {
        try (var draining = TestEgress.start(TestEgress.PRIVATE_TARGETS)) {
            draining.drain().start(Instant.EPOCH, "test");
            try (var client = draining.connect(version)) {
                assertRefused(client, way, "127.0.0.1", 443, 503, "proxy_internal_error");
            }
        }
    }

    @DisplayName("case 16, R5: the answer that opens a tunnel names the address that was dialled")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void namesTheNextHop(HttpVersion version, Way way) throws Exception {
        try (var server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                var client = open.connect(version)) {
            var tunnel = way.ask(client, "127.0.0.1", server.getLocalPort());
            var head = tunnel.awaitHead();
            assertThat(head.opens()).isTrue();
            assertThat(head.fields().all("proxy-status"))
                    .containsExactly(
                            "\"egress\";next-hop=\"127.0.0.1:%d\""
                                    .formatted(server.getLocalPort()));
            tunnel.reset();
            open.awaitNoTunnel();
        }
    }

    @DisplayName("case 13, case 82, R5: a request that is wrong in itself is http_request_error")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void blamesTheRequest(HttpVersion version, Way way) throws Exception {
        try (var client = open.connect(version)) {
            assertRefused(client, way, "a.test", 70_000, 400, "http_request_error;details=\"");
            assertRefused(client, way, "-a.test", 443, 400, "http_request_error;details=\"");
        }
    }
}
