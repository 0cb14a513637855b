package org.masquerelay.ingress.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.dns.DnsQueries;
import org.masquerelay.ingress.directory.DnsSettings.Records;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.DnsServer;
import org.masquerelay.testkit.DnsServer.Service;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.wire.HostPort;

/// What becomes of a fleet while the DNS answers some of the questions for it.
@Timeout(60)
final class DnsEgressesTest {
    private static final String NAME = "fleet.test";
    private static final String SERVICE = "_masque._udp.fleet.test";
    private static final int SERVFAIL = 2;

    private final AtomicReference<List<Egress>> fleet = new AtomicReference<>(List.of());
    private EventLoops loops;
    private DnsServer dns;
    private Runnable following = () -> {};

    @BeforeEach
    void start() throws Exception {
        loops = EventLoops.start(1);
        dns = DnsServer.start();
        dns.ttl(0);
    }

    @AfterEach
    void stop() {
        following.run();
        loops.close();
        dns.close();
    }

    private void follow(Records records) {
        var settings =
                new DnsSettings(
                        List.of(new HostPort(NAME, 4434)),
                        records,
                        new DnsQueries.Settings(
                                List.of(dns.address()),
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(1),
                                false,
                                10),
                        Duration.ofMillis(50),
                        Duration.ofSeconds(1));
        following = new DnsEgresses(settings).follow(loops.all().getFirst(), fleet::set);
    }

    private void awaitFleet(String... names) {
        Await.until("the fleet is " + List.of(names), () -> names().equals(Set.of(names)));
    }

    private Set<String> names() {
        return fleet.get().stream().map(Egress::name).collect(Collectors.toSet());
    }

    @Test
    void keepsTheAddressesOfAFamilyThatIsNotAnsweredAndFollowsTheOther() throws Exception {
        dns.addresses(NAME, "192.0.2.1", "2001:db8::1");
        follow(new Records.Addresses());
        awaitFleet("192.0.2.1:4434", "[2001:db8::1]:4434");
        dns.silentForV6(NAME, "192.0.2.2");
        awaitFleet("192.0.2.2:4434", "[2001:db8::1]:4434");
        dns.silentForV6(NAME, "192.0.2.3");
        awaitFleet("192.0.2.3:4434", "[2001:db8::1]:4434");
        dns.addresses(NAME, "192.0.2.3");
        awaitFleet("192.0.2.3:4434");
    }

    @Test
    void keepsAServerWhoseNameFailsAndFollowsTheOthers() throws Exception {
        dns.addresses("one.test", "192.0.2.1");
        dns.addresses("two.test", "192.0.2.2");
        dns.services(
                SERVICE, new Service(1, 1, 4434, "one.test"), new Service(1, 1, 4434, "two.test"));
        follow(new Records.Services("_masque._udp"));
        awaitFleet("192.0.2.1:4434", "192.0.2.2:4434");
        dns.code("two.test", SERVFAIL);
        dns.addresses("one.test", "192.0.2.7");
        awaitFleet("192.0.2.7:4434", "192.0.2.2:4434");
        dns.services(
                SERVICE, new Service(1, 1, 4434, "one.test"), new Service(9, 5, 4434, "two.test"));
        Await.until("its rank is the new one", () -> weights().equals(Set.of(1, 5)));
        dns.services(SERVICE, new Service(1, 1, 4434, "one.test"));
        awaitFleet("192.0.2.7:4434");
    }

    private Set<Integer> weights() {
        return fleet.get().stream().map(Egress::weight).collect(Collectors.toSet());
    }

    @Test
    void keepsAllWhenNothingIsAnswered() throws Exception {
        dns.addresses(NAME, "192.0.2.1");
        follow(new Records.Addresses());
        awaitFleet("192.0.2.1:4434");
        dns.code(NAME, SERVFAIL);
        int asked = dns.queries(NAME);
        Await.until("it has asked again", () -> dns.queries(NAME) >= asked + 6);
        assertThat(names()).containsExactly("192.0.2.1:4434");
    }
}
