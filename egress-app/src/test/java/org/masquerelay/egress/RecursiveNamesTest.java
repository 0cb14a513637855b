package org.masquerelay.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.util.LeakPresenceDetector;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.egress.policy.OwnListeners;
import org.masquerelay.egress.policy.TargetPolicy;
import org.masquerelay.egress.policy.TargetPolicy.Ruling;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.egress.resolve.AddressFamilies;
import org.masquerelay.egress.resolve.DnsTargetResolver;
import org.masquerelay.egress.resolve.ResolverSettings;
import org.masquerelay.egress.resolve.ResolverSettings.Trust;
import org.masquerelay.egress.resolve.TargetResolver.Resolution;
import org.masquerelay.observe.LookupOutcome;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.DnsServer;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.HostPort;

/// Targets that are names, asked of unbound, which validates DNSSEC.
@Timeout(120)
final class RecursiveNamesTest {
    private static final Duration RESOLUTION_DELAY = Duration.ofMillis(50);

    /// So long that no test waits for it by mistake.
    private static final Duration LONG = Duration.ofSeconds(40);

    private static final ResolverSettings.Cache CACHE =
            new ResolverSettings.Cache(
                    100, Duration.ZERO, Duration.ofMinutes(5), Duration.ofSeconds(60));

    @TempDir static Path home;

    private static DnsServer other;
    private static Unbound unbound;

    @BeforeAll
    static void start() throws Exception {
        other = DnsServer.start();
        unbound = Unbound.start(home, other.address());
    }

    @AfterAll
    static void stop() throws Exception {
        unbound.close();
        other.close();
        LeakPresenceDetector.check();
    }

    private static ResolverSettings resolver(
            Duration timeout, AddressFamilies families, Trust trust, ResolverSettings.Cache cache) {
        return new ResolverSettings(
                List.of(unbound.address()),
                new ResolverSettings.Times(timeout, timeout, RESOLUTION_DELAY),
                families,
                trust,
                cache);
    }

    private static TestEgress egress(boolean allowPrivate, Trust trust) throws Exception {
        return TestEgress.start(
                TestEgress.settings(
                        allowPrivate,
                        resolver(
                                LONG,
                                AddressFamilies.DUAL_STACK,
                                trust,
                                ResolverSettings.Cache.NONE)));
    }

    private static void assertRefused(TestEgress egress, String host, int status, String error)
            throws Exception {
        try (var client = egress.connect()) {
            var refused =
                    catchThrowableOfType(
                            TunnelRefusedException.class,
                            () ->
                                    client.openTcp(new HostPort(host, 443), HeaderFields.NONE)
                                            .close());
            assertThat(refused).isNotNull();
            assertThat(refused.fields().first("proxy-status").orElseThrow())
                    .isEqualTo("\"egress\";error=" + error);
            assertThat(refused.status()).isEqualTo(status);
        }
    }

    private static void assertReaches(TestEgress egress, String host, String address)
            throws Exception {
        try (var server = new ServerSocket(0, 10, InetAddress.getByName(address));
                var client = egress.connect();
                var tunnel =
                        client.openTcp(
                                new HostPort(host, server.getLocalPort()), HeaderFields.NONE);
                var socket = server.accept()) {
            socket.getOutputStream().write(7);
            assertThat(tunnel.input().read()).isEqualTo(7);
        }
        egress.awaitNoTunnel();
    }

    @Test
    @DisplayName("R2 9298 3.1: a name that does not exist is 502 dns_error with NXDOMAIN")
    void refusesANameThatDoesNotExist() throws Exception {
        try (var egress = egress(true, Trust.ANY_ANSWER)) {
            assertRefused(egress, "nobody.plain.test", 502, "dns_error;rcode=\"NXDOMAIN\"");
            assertThat(egress.listener().lookups(LookupOutcome.NO_NAME)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bogus.signed.test", "circle.plain.test"})
    void saysThatTheServerFailed(String name) throws Exception {
        try (var egress = egress(true, Trust.ANY_ANSWER)) {
            assertRefused(egress, name, 502, "dns_error;rcode=\"SERVFAIL\"");
            assertThat(egress.listener().lookups(LookupOutcome.FAILED)).isEqualTo(1);
        }
    }

    @Test
    void refusesANameWithoutAddresses() throws Exception {
        try (var egress = egress(true, Trust.ANY_ANSWER)) {
            assertRefused(
                    egress,
                    "empty.plain.test",
                    502,
                    "dns_error;details=\"the name has no address\"");
        }
    }

    @Test
    @DisplayName("R2 9298 3.1: a name that nobody answers for is 504 dns_timeout")
    void givesUpOnANameThatNobodyAnswersFor() throws Exception {
        other.silence("silent.other.test");
        var settings =
                resolver(
                        Duration.ofMillis(700),
                        AddressFamilies.DUAL_STACK,
                        Trust.ANY_ANSWER,
                        CACHE);
        try (var egress = TestEgress.start(TestEgress.settings(true, settings))) {
            assertRefused(egress, "silent.other.test", 504, "dns_timeout");
            assertThat(egress.listener().lookups(LookupOutcome.TIMEOUT)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host.plain.test",
                "HOST.Plain.test.",
                "chain.plain.test",
                "away.plain.test",
                "host.signed.test",
                "localhost"
            })
    void reachesTheAddressAtTheEndOfAChain(String name) throws Exception {
        other.addresses("host.other.test", "127.0.0.1");
        try (var egress = egress(true, Trust.ANY_ANSWER)) {
            assertReaches(egress, name, "127.0.0.1");
        }
    }

    @Test
    @DisplayName("R2 8305 3: a slow AAAA answer does not delay the tunnel")
    void doesNotWaitForASlowAaaaAnswer() throws Exception {
        other.silentForV6("slow.other.test", "127.0.0.1");
        try (var egress = egress(true, Trust.ANY_ANSWER)) {
            long start = System.nanoTime();
            assertReaches(egress, "slow.other.test", "127.0.0.1");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG.dividedBy(2));
        }
    }

    @Test
    void letsNoSlowNameHoldUpAnother() throws Exception {
        other.silence("stuck.other.test");
        try (var egress = egress(true, Trust.ANY_ANSWER);
                var client = egress.connect()) {
            var stuck = Thread.ofVirtual().start(() -> openAndForget(client));
            Await.until("the question", () -> other.queries("stuck.other.test") > 0);
            assertReaches(egress, "host.plain.test", "127.0.0.1");
            assertThat(stuck.isAlive()).isTrue();
        }
    }

    private static void openAndForget(RelayClient client) {
        try {
            client.openTcp(new HostPort("stuck.other.test", 443), HeaderFields.NONE).close();
        } catch (Exception _) {
            // The client is closed before the name is given up.
        }
    }

    // An attacker's server gives each asker another answer: the tunnel goes where the one answer
    // that was ruled on says, and the next tunnel is ruled on anew.
    @Test
    void asksOncePerTunnelAndDialsWhatItWasTold() throws Exception {
        other.ttl(0);
        other.addresses("rebind.other.test", "127.0.0.1");
        var settings = resolver(LONG, AddressFamilies.IPV4_ONLY, Trust.ANY_ANSWER, CACHE);
        try (var egress = TestEgress.start(TestEgress.settings(true, settings))) {
            assertReaches(egress, "rebind.other.test", "127.0.0.1");
            assertThat(other.queries("rebind.other.test")).isEqualTo(1);
            other.addresses("rebind.other.test", "127.0.0.2");
            assertReaches(egress, "rebind.other.test", "127.0.0.2");
            assertThat(other.queries("rebind.other.test")).isEqualTo(2);
        } finally {
            other.ttl(60);
        }
    }

    @Test
    void permitsOnlyThePublicAddressesOfANameThatHasOthersToo() throws Exception {
        assertThat(ruling("mixed.plain.test"))
                .isInstanceOfSatisfying(
                        Ruling.Permitted.class,
                        permitted ->
                                assertThat(permitted.permit().addresses())
                                        .containsExactlyInAnyOrder(
                                                at("2001:4860:4860::8888"), at("8.8.8.8")));
    }

    @Test
    void rulesAnewOnANameThatTurnsInwards() throws Exception {
        other.ttl(0);
        try {
            other.addresses("turning.other.test", "8.8.8.8");
            assertThat(ruling("turning.other.test")).isInstanceOf(Ruling.Permitted.class);
            other.addresses("turning.other.test", "10.0.0.1");
            assertThat(ruling("turning.other.test")).isInstanceOf(Ruling.Prohibited.class);
        } finally {
            other.ttl(60);
        }
    }

    private static InetSocketAddress at(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), 443);
    }

    /// What the policy of an egress for the public says of what the resolver finds. No socket is
    /// opened to these addresses.
    private static Ruling ruling(String name) throws Exception {
        var request =
                new TunnelRequest(
                        TunnelKind.TCP,
                        new HostPort(name, 443),
                        new RequestHead("CONNECT", null, name, null, null, HeaderFields.NONE),
                        new Peer(new InetSocketAddress(0), List.of(), "h3", HttpVersion.H3));
        var policy = new TargetPolicy(new TargetRules(false, Set.of()), new OwnListeners());
        var settings = resolver(LONG, AddressFamilies.DUAL_STACK, Trust.ANY_ANSWER, CACHE);
        var ruling = new CompletableFuture<Ruling>();
        try (var loops = EventLoops.start(1);
                var resolver = new DnsTargetResolver(loops, settings, TunnelListener.SILENT)) {
            var loop = loops.all().getFirst();
            loop.execute(() ->
                    resolver.resolve(
                            name,
                            loop,
                            resolution -> {
                                var found = (Resolution.Found) resolution;
                                ruling.complete(
                                        policy.rule(request, Optional.empty(), found.addresses()));
                            }));
            return ruling.get(LONG.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"host.signed.test", "alias.signed.test"})
    @DisplayName("4035 3.2.3: an authenticated answer is taken where DNSSEC is required")
    void takesAnAuthenticatedAnswer(String name) throws Exception {
        try (var egress = egress(true, Trust.AUTHENTICATED_DATA)) {
            assertReaches(egress, name, "127.0.0.1");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "host.plain.test, details=\"the answer of the DNS is not authenticated\"",
        "nobody.plain.test, details=\"the answer of the DNS is not authenticated\"",
        "bogus.signed.test, rcode=\"SERVFAIL\"",
        "nobody.signed.test, rcode=\"NXDOMAIN\""
    })
    @DisplayName("4035 3.2.3: an answer without AD is refused where DNSSEC is required")
    void refusesAnAnswerThatIsNotAuthenticated(String name, String why) throws Exception {
        try (var egress = egress(true, Trust.AUTHENTICATED_DATA)) {
            assertRefused(egress, name, 502, "dns_error;" + why);
        }
    }

    @Test
    void remembersAnswersForAsLongAsTheySay() throws Exception {
        other.addresses("kept.other.test", "127.0.0.1");
        var settings = resolver(LONG, AddressFamilies.IPV4_ONLY, Trust.ANY_ANSWER, CACHE);
        try (var egress = TestEgress.start(TestEgress.settings(true, settings))) {
            for (int i = 0; i < 3; i++) {
                assertReaches(egress, "kept.other.test", "127.0.0.1");
                assertRefused(egress, "nobody.plain.test", 502, "dns_error;rcode=\"NXDOMAIN\"");
            }
            assertThat(egress.listener().lookups(LookupOutcome.FOUND)).isEqualTo(1);
            assertThat(egress.listener().lookups(LookupOutcome.NO_NAME)).isEqualTo(1);
            assertThat(egress.listener().lookups(LookupOutcome.CACHED)).isEqualTo(4);
        }
    }

    // RFC 6761, section 6.3, and no way round the policy.
    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST.", "db.localhost"})
    void takesLocalhostForTheLoopbackThatItIs(String name) throws Exception {
        try (var egress = egress(false, Trust.ANY_ANSWER)) {
            assertRefused(
                    egress,
                    name,
                    403,
                    "destination_ip_prohibited;"
                            + "details=\"the target has no address that tunnels may go to\"");
        }
    }

    @Test
    void goesToNoAddressOfAFamilyThatIsOff() throws Exception {
        var settings =
                resolver(
                        LONG,
                        AddressFamilies.IPV6_ONLY,
                        Trust.ANY_ANSWER,
                        ResolverSettings.Cache.NONE);
        try (var egress = TestEgress.start(TestEgress.settings(true, settings))) {
            assertRefused(
                    egress,
                    "127.0.0.1",
                    502,
                    "destination_ip_unroutable;"
                            + "details=\"this relay goes to no address of the target's family\"");
            assertRefused(
                    egress,
                    "host.plain.test",
                    502,
                    "dns_error;details=\"the name has no address\"");
        }
    }
}
