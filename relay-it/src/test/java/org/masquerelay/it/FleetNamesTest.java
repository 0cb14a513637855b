package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.fleet.Member;
import org.masquerelay.testkit.DnsServer;
import org.masquerelay.testkit.DnsServer.Service;
import org.masquerelay.tunnel.HeaderFields;

/// An ingress that has its egresses from the DNS.
@Timeout(120)
final class FleetNamesTest {
    /// One of the names that the development PKI has in the certificates of egresses.
    private static final String NAME = "egress";

    private static final String SERVICE = "_masque._udp.egress";
    private static final int SERVFAIL = 2;
    private static final int NXDOMAIN = 3;

    @TempDir Path directory;

    private DnsServer dns;
    private ManyHops hops;

    @BeforeEach
    void start() throws Exception {
        dns = DnsServer.start();
        hops = new ManyHops(directory);
    }

    @AfterEach
    void stop() {
        hops.close();
        dns.close();
    }

    private void ingress(String records, int port, String... more) {
        var arguments = new ArrayList<>(List.of(more));
        arguments.add("--relay.upstream.uri=https://" + NAME + ":" + port);
        arguments.add("--relay.upstream.discovery.records=" + records);
        arguments.add("--relay.upstream.discovery.servers=" + ManyHops.name(dns.address()));
        arguments.add("--relay.upstream.discovery.min-ttl=200ms");
        hops.ingress(arguments.toArray(String[]::new));
    }

    /// The names of all egresses that the ingress knows.
    private Set<String> fleet() {
        return hops.ingressBean(Fleet.class).members().stream()
                .map(Member::name)
                .collect(Collectors.toSet());
    }

    private void awaitFleet(InetSocketAddress... egresses) {
        var names = Arrays.stream(egresses).map(ManyHops::name).collect(Collectors.toSet());
        Await.until("the fleet is " + names, () -> fleet().equals(names));
    }

    private static UdpTunnel open(RelayClient relay, Targets targets) throws IOException {
        return relay.openUdp(targets.udp(), HeaderFields.NONE);
    }

    private static void assertEchoes(UdpTunnel tunnel) throws IOException {
        tunnel.send("ping".getBytes(UTF_8));
        assertThat(tunnel.receive(Duration.ofSeconds(10))).isPresent();
    }

    @Test
    void followsTheAddressesOfANameByTheirTtl() throws Exception {
        var first = hops.egress("127.0.0.1", 0);
        var second = hops.egress("127.0.0.2", first.getPort());
        var third = hops.egress("127.0.0.3", first.getPort());
        dns.ttl(1);
        dns.addresses(NAME, "127.0.0.1", "127.0.0.2");
        ingress("addresses", first.getPort());
        awaitFleet(first, second);
        try (var targets = new Targets();
                var relay = hops.connect()) {
            var running = new ArrayList<UdpTunnel>();
            for (int i = 0; i < 16; i++) {
                running.add(open(relay, targets));
            }
            double before = hops.tunnelsAt(0);
            assertThat(before).isPositive();
            assertThat(hops.tunnelsAt(1)).isPositive();

            dns.addresses(NAME, "127.0.0.2", "127.0.0.3");
            awaitFleet(second, third);
            for (int i = 0; i < 16; i++) {
                assertEchoes(open(relay, targets));
            }
            assertThat(hops.tunnelsAt(0)).as("no new ones").isEqualTo(before);
            assertThat(hops.tunnelsAt(2)).isPositive();
            for (var tunnel : running) {
                assertEchoes(tunnel);
            }
            assertThat(hops.meter("masque.upstream.up", first)).as("no meter").isEqualTo(-1);
            assertThat(hops.meter("masque.upstream.up", third)).isEqualTo(1);
        }
    }

    @Test
    void keepsTheLastSetWhileTheDnsHasNoAnswer() throws Exception {
        var egress = hops.egress("127.0.0.1", 0);
        dns.ttl(1);
        dns.addresses(NAME, "127.0.0.1");
        ingress("addresses", egress.getPort());
        awaitFleet(egress);
        try (var targets = new Targets();
                var relay = hops.connect()) {
            for (int code : new int[] {SERVFAIL, NXDOMAIN}) {
                dns.code(NAME, code);
                int asked = dns.queries(NAME);
                Await.until("it has asked again", () -> dns.queries(NAME) >= asked + 4);
                awaitFleet(egress);
                assertEchoes(open(relay, targets));
            }
            dns.addresses(NAME);
            int asked = dns.queries(NAME);
            Await.until("it has asked again", () -> dns.queries(NAME) >= asked + 4);
            awaitFleet(egress);
        }
    }

    @Test
    void asksNoEarlierThanTheTtlSays() throws Exception {
        var egress = hops.egress("127.0.0.1", 0);
        dns.ttl(3600);
        dns.addresses(NAME, "127.0.0.1");
        ingress("addresses", egress.getPort(), "--relay.upstream.discovery.max-ttl=2s");
        awaitFleet(egress);
        assertThat(dns.queries(NAME)).as("A and AAAA").isEqualTo(2);
        long start = System.nanoTime();
        Await.until("it has asked again", () -> dns.queries(NAME) > 2);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThan(Duration.ofSeconds(1));
    }

    @Test
    void startsWithoutAnAnswerAndSaysWhenToComeBack() throws Exception {
        var egress = hops.egress("127.0.0.1", 0);
        dns.code(NAME, SERVFAIL);
        ingress("addresses", egress.getPort());
        try (var targets = new Targets();
                var relay = hops.connect()) {
            var refused =
                    catchThrowableOfType(TunnelRefusedException.class, () -> open(relay, targets));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.fields().first("retry-after")).contains("1");
            dns.addresses(NAME, "127.0.0.1");
            awaitFleet(egress);
            assertEchoes(open(relay, targets));
        }
    }

    @Test
    @DisplayName("RFC 2782: SRV records say where, with which share, and who is spare")
    void followsServiceRecords() throws Exception {
        var large = hops.egress("127.0.0.1", 0);
        var small = hops.egress("127.0.0.2", 0);
        var spare = hops.egress("127.0.0.3", 0);
        dns.ttl(1);
        dns.addresses("large.test", "127.0.0.1");
        dns.addresses("small.test", "127.0.0.2");
        dns.addresses("spare.test", "127.0.0.3");
        dns.services(
                SERVICE,
                new Service(10, 30, large.getPort(), "large.test"),
                new Service(10, 10, small.getPort(), "small.test"),
                new Service(20, 10, spare.getPort(), "spare.test"));
        ingress("srv", 443);
        awaitFleet(large, small, spare);
        try (var targets = new Targets();
                var relay = hops.connect()) {
            for (int i = 0; i < 40; i++) {
                assertEchoes(open(relay, targets));
            }
            assertThat(hops.tunnelsAt(0)).isBetween(25.0, 35.0);
            assertThat(hops.tunnelsAt(1)).isBetween(5.0, 15.0);
            assertThat(hops.tunnelsAt(2)).as("the spare one").isZero();

            dns.services(SERVICE, new Service(20, 10, spare.getPort(), "spare.test"));
            awaitFleet(spare);
            assertEchoes(open(relay, targets));
            assertThat(hops.tunnelsAt(2)).isEqualTo(1);
        }
    }
}
