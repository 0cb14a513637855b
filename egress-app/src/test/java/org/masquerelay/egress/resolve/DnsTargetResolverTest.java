package org.masquerelay.egress.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.egress.resolve.TargetResolver.Resolution;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.DnsServer;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.RefusalReason;

@Timeout(60)
final class DnsTargetResolverTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final EventLoops loops = EventLoops.start(1);
    private DnsServer dns;

    @BeforeEach
    void start() throws Exception {
        dns = DnsServer.start();
    }

    @AfterEach
    void stop() {
        loops.close();
        dns.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private DnsTargetResolver resolver(Duration query, InetSocketAddress... servers) {
        return new DnsTargetResolver(
                loops,
                new ResolverSettings(
                        List.of(servers),
                        new ResolverSettings.Times(LONG, query, Duration.ofMillis(50)),
                        AddressFamilies.DUAL_STACK,
                        ResolverSettings.Trust.ANY_ANSWER,
                        ResolverSettings.Cache.NONE),
                TunnelListener.SILENT);
    }

    private DnsTargetResolver resolver() {
        return resolver(LONG, dns.address());
    }

    private List<CompletableFuture<Resolution>> resolve(
            TargetResolver resolver, String name, int times) {
        var loop = loops.all().getFirst();
        var all = new ArrayList<CompletableFuture<Resolution>>();
        for (int i = 0; i < times; i++) {
            all.add(new CompletableFuture<>());
        }
        loop.execute(() ->
                all.forEach(one ->
                        resolver.resolve(
                                name,
                                loop,
                                resolution -> {
                                    assertThat(loop.inEventLoop()).isTrue();
                                    assertThat(one.complete(resolution)).isTrue();
                                })));
        return all;
    }

    private Resolution resolve(TargetResolver resolver, String name) throws Exception {
        return resolve(resolver, name, 1).getFirst().get(40, TimeUnit.SECONDS);
    }

    private static Resolution found(String... literals) {
        var addresses = new ArrayList<InetAddress>();
        for (var literal : literals) {
            addresses.add(InetAddress.ofLiteral(literal));
        }
        return new Resolution.Found(addresses);
    }

    @Test
    void takesTheFamiliesInTurn() throws Exception {
        dns.addresses("both.test", "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1");
        try (var resolver = resolver()) {
            assertThat(resolve(resolver, "both.test"))
                    .isEqualTo(found("2001:db8::1", "192.0.2.1", "192.0.2.2", "192.0.2.3"));
        }
    }

    @Test
    void asksOnceWhatManyWantToKnowAtTheSameTime() throws Exception {
        dns.addresses("popular.test", "192.0.2.1", "2001:db8::1");
        try (var resolver = resolver()) {
            for (var one : resolve(resolver, "popular.test", 20)) {
                assertThat(one.get(40, TimeUnit.SECONDS))
                        .isEqualTo(found("2001:db8::1", "192.0.2.1"));
            }
        }
        assertThat(dns.queries()).isEqualTo(2); // A and AAAA.
    }

    @Test
    @DisplayName("5452 9.2: each query leaves from a port of its own")
    void asksFromAnotherPortEachTime() throws Exception {
        dns.addresses("host.test", "192.0.2.1");
        try (var resolver = resolver()) {
            for (int i = 0; i < 4; i++) {
                resolve(resolver, "host.test");
            }
        }
        assertThat(dns.queries()).isEqualTo(8);
        assertThat(dns.ports()).hasSizeGreaterThan(4); // The kernel may give one out twice.
    }

    @Test
    void followsAliasesThatTheServerDoesNotFollow() throws Exception {
        dns.alias("one.test", "two.test");
        dns.alias("two.test", "three.test");
        dns.addresses("three.test", "192.0.2.3");
        try (var resolver = resolver()) {
            assertThat(resolve(resolver, "one.test")).isEqualTo(found("192.0.2.3"));
        }
    }

    @Test
    void followsNoAliasesInACircleForEver() throws Exception {
        dns.alias("here.test", "there.test");
        dns.alias("there.test", "here.test");
        try (var resolver = resolver()) {
            assertThat(resolve(resolver, "here.test")).isInstanceOf(Resolution.Failed.class);
        }
        assertThat(dns.queries()).isLessThan(20);
    }

    // U+FFFF is no character: what a server sends as an alias may be no name at all.
    @Test
    void failsWhereAnAliasIsNoName() throws Exception {
        dns.alias("odd.test", "\uffff.test");
        try (var resolver = resolver()) {
            assertThat(resolve(resolver, "odd.test")).isInstanceOf(Resolution.Failed.class);
            dns.addresses("odd.test", "192.0.2.1");
            assertThat(resolve(resolver, "odd.test")).isEqualTo(found("192.0.2.1"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5})
    void asksTheNextServerWhereOneCannotAnswer(int rcode) throws Exception {
        try (var next = DnsServer.start();
                var resolver = resolver(LONG, dns.address(), next.address())) {
            dns.code("host.test", rcode);
            next.addresses("host.test", "192.0.2.1");
            assertThat(resolve(resolver, "host.test")).isEqualTo(found("192.0.2.1"));
        }
    }

    @Test
    void asksTheNextServerWhereOneIsSilent() throws Exception {
        try (var next = DnsServer.start();
                var resolver = resolver(Duration.ofMillis(200), dns.address(), next.address())) {
            dns.silence("host.test");
            next.addresses("host.test", "192.0.2.1");
            assertThat(resolve(resolver, "host.test")).isEqualTo(found("192.0.2.1"));
        }
    }

    @Test
    void asksAgainWhereTheOnlyServerIsSilent() throws Exception {
        dns.silence("host.test");
        try (var resolver = resolver(Duration.ofMillis(200), dns.address())) {
            var one = resolve(resolver, "host.test", 1).getFirst();
            Await.until("the question", () -> dns.queries("host.test") > 0);
            dns.addresses("host.test", "192.0.2.1");
            assertThat(one.get(40, TimeUnit.SECONDS)).isEqualTo(found("192.0.2.1"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"host.invalid", "host.onion", "onion"})
    void asksNobodyAboutNamesThatAreNotInTheDns(String name) throws Exception {
        try (var resolver = resolver()) {
            assertThat(resolve(resolver, name))
                    .isEqualTo(
                            new Resolution.Failed(
                                    RefusalReason.DNS_ERROR
                                            .because("")
                                            .saying("rcode", "NXDOMAIN")));
            assertThat(resolve(resolver, "a.localhost")).isEqualTo(found("127.0.0.1", "::1"));
        }
        assertThat(dns.queries()).isZero();
    }
}
