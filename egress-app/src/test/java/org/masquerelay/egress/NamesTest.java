package org.masquerelay.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.util.LeakPresenceDetector;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.testkit.DnsServer;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// Targets that are names, asked of a real DNS server.
@Timeout(60)
final class NamesTest {
    private DnsServer dns;

    @BeforeEach
    void start() throws Exception {
        dns = DnsServer.start();
    }

    @AfterEach
    void stop() {
        dns.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private TestEgress egress(boolean allowPrivate) throws Exception {
        return TestEgress.start(TestEgress.settings(allowPrivate, List.of(dns.address())));
    }

    private static void assertRefused(TestEgress egress, String host, int status, String error)
            throws Exception {
        try (var client = egress.connect()) {
            var target = new HostPort(host, 443);
            for (boolean tcp : new boolean[] {true, false}) {
                var refused =
                        catchThrowableOfType(
                                TunnelRefusedException.class,
                                () -> {
                                    if (tcp) {
                                        client.openTcp(target, HeaderFields.NONE).close();
                                    } else {
                                        client.openUdp(target, HeaderFields.NONE).close();
                                    }
                                });
                assertThat(refused).isNotNull();
                assertThat(refused.status()).isEqualTo(status);
                assertThat(refused.fields().first("proxy-status").orElseThrow())
                        .startsWith("\"egress\";error=" + error);
            }
        }
        assertThat(egress.activeTunnels()).isZero();
    }

    @Test
    void refusesANameThatDoesNotExist() throws Exception {
        try (var egress = egress(true)) {
            assertRefused(egress, "doesnotexist.test", 502, "dns_error;rcode=\"NXDOMAIN\"");
        }
    }

    @ParameterizedTest(name = "rcode {0} is {1}")
    @CsvSource({"2, ;rcode=\"SERVFAIL\"", "5, ;rcode=\"REFUSED\""})
    void saysWhatIsKnownWhenTheServerFails(int rcode, String parameter) throws Exception {
        dns.code("broken.test", rcode);
        try (var egress = egress(true)) {
            assertRefused(egress, "broken.test", 502, "dns_error" + parameter);
        }
    }

    @Test
    void refusesANameWithoutAddresses() throws Exception {
        dns.addresses("empty.test");
        try (var egress = egress(true)) {
            assertRefused(
                    egress, "empty.test", 502, "dns_error;details=\"the name has no address\"");
        }
    }

    @Test
    void givesUpOnAServerThatIsSilent() throws Exception {
        dns.silence("silent.test");
        try (var egress = egress(true)) {
            assertRefused(egress, "silent.test", 504, "dns_timeout");
        }
        assertThat(dns.queries()).isPositive();
    }

    // Names are judged by the addresses they have, so a public name is no way into a private net.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.1.2.3",
                "169.254.169.254",
                "100.64.0.1",
                "::1",
                "fd00::1",
                "::ffff:127.0.0.1"
            })
    void refusesANameWithAPrivateAddress(String address) throws Exception {
        dns.addresses("inside.test", address);
        try (var egress = egress(false)) {
            assertRefused(egress, "inside.test", 403, "destination_ip_prohibited");
        }
    }

    @Test
    void refusesAPrivateLiteralWithoutAskingAnybody() throws Exception {
        try (var egress = egress(false)) {
            assertRefused(egress, "127.0.0.1", 403, "destination_ip_prohibited");
            assertRefused(egress, "::1", 403, "destination_ip_prohibited");
        }
        assertThat(dns.queries()).isZero();
    }

    @Test
    @DisplayName("R4 9110 §9.3.6 a denied port is refused, private targets allowed or not")
    void refusesADeniedPortWithoutAskingAnybody() throws Exception {
        for (boolean allowPrivate : new boolean[] {true, false}) {
            var settings =
                    TestEgress.settings(
                            new TargetRules(allowPrivate, Set.of(443)),
                            List.of(dns.address()),
                            TestEgress.LOOPBACK_BIND);
            try (var egress = TestEgress.start(settings)) {
                assertRefused(egress, "mail.test", 403, "http_request_denied");
                assertRefused(egress, "127.0.0.1", 403, "http_request_denied");
            }
        }
        assertThat(dns.queries()).isZero();
    }

    @Test
    void asksAgainForEachTunnelIfItRemembersNothing() throws Exception {
        try (var egress = egress(true);
                var server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                var client = egress.connect()) {
            dns.addresses("moving.test", "127.0.0.1");
            var target = new HostPort("moving.test", server.getLocalPort());
            client.openTcp(target, HeaderFields.NONE).close();
            int before = dns.queries();
            client.openTcp(target, HeaderFields.NONE).close();
            assertThat(dns.queries()).isGreaterThan(before);
            egress.awaitNoTunnel();
        }
    }

    @Test
    void triesTheNextAddressWhenOneDoesNotAnswer() throws Exception {
        try (var egress = egress(true);
                var server = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.2"));
                var client = egress.connect()) {
            dns.addresses("two.test", "127.0.0.1", "127.0.0.2");
            var target = new HostPort("two.test", server.getLocalPort());
            try (var tunnel = client.openTcp(target, HeaderFields.NONE);
                    var socket = server.accept()) {
                socket.getOutputStream().write(7);
                assertThat(tunnel.input().read()).isEqualTo(7);
            }
            egress.awaitNoTunnel();
        }
    }
}
