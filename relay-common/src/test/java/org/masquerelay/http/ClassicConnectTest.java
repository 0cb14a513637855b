package org.masquerelay.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.http.TestFront.Limits;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.StreamEnd;

/// Classic CONNECT (RFC 9110, section 9.3.6) over every HTTP version.
@Timeout(60)
final class ClassicConnectTest {
    private static final String NAMED = "{displayName} over {0}";
    private static final List<String> WRONG_AUTHORITIES =
            List.of(
                    "abc",
                    "a.test",
                    "a.test:",
                    "a.test:0",
                    "a.test:65536",
                    "a.test:foobar",
                    "a.test:+80",
                    ":80",
                    "::1:80",
                    "[::1]",
                    "user@a.test:80",
                    "a.test:80/");

    private static TestFront front;
    private static TestFront later;

    @BeforeAll
    static void open() throws Exception {
        front = TestFront.echoing();
        later = TestFront.open(Limits.WIDE, ScriptedService.Answer.LATER);
    }

    @BeforeEach
    void startAfresh() {
        front.service().startAfresh();
        later.service().startAfresh();
    }

    @AfterAll
    static void close() {
        front.close();
        later.close();
        LeakPresenceDetector.check();
    }

    @DisplayName("case 74, R4 9110 9.3.6: CONNECT without a valid host and port is 400")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void refusesWrongAuthorities(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            for (var authority : WRONG_AUTHORITIES) {
                assertRefused(client.connect(authority), 400);
            }
        }
        assertThat(front.service().wasAsked()).isFalse();
    }

    private static void assertRefused(RawTunnel tunnel, int status) throws Exception {
        var head = tunnel.awaitHead();
        assertThat(head.status()).isEqualTo(status);
        assertThat(head.fields().first("proxy-status").orElseThrow())
                .startsWith("\"relay\";error=http_request_error");
        assertThat(tunnel.awaitEnd()).isEmpty();
    }

    @DisplayName("R4 9110 9.3.6: a 2xx to CONNECT has no content-length, transfer-encoding or type")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void opensWithoutFieldsOfContent(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            var head = client.connect("target.test:7").awaitHead();
            assertThat(head.status()).isEqualTo(200);
            for (var name :
                    List.of("content-length", "transfer-encoding", "content-type", "upgrade")) {
                assertThat(head.fields().contains(name)).as(name).isFalse();
            }
            assertThat(head.fields().contains("capsule-protocol")).isFalse();
        }
        assertThat(front.service().next().request().target()).hasToString("target.test:7");
    }

    @DisplayName("R4 9113 8.5, 9114 4.4: what comes before the 2xx is held and delivered in order")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void holdsEarlyBytes(HttpVersion version) throws Exception {
        try (var client = later.connect(version)) {
            var tunnel = client.connect("target.test:7");
            tunnel.send("one ");
            tunnel.send("two ");
            var exchange = later.service().next();
            tunnel.send("three");
            later.service().acceptLater(exchange);
            assertThat(tunnel.awaitHead().status()).isEqualTo(200);
            assertThat(tunnel.awaitText(13)).isEqualTo("one two three");
        }
    }

    @DisplayName("case 87: early bytes and a FIN that came before the 2xx are delivered")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void holdsAnEarlyFin(HttpVersion version) throws Exception {
        try (var client = later.connect(version)) {
            var tunnel = client.connect("target.test:7");
            tunnel.send("all");
            tunnel.finish();
            later.service().acceptLater(later.service().next());
            assertThat(tunnel.awaitHead().status()).isEqualTo(200);
            assertThat(tunnel.awaitEnd()).asString(UTF_8).isEqualTo("all");
            assertThat(later.service().nextEnd()).isEqualTo(StreamEnd.FINISHED);
        }
    }

    @DisplayName("R4 9114 4.4: early bytes beyond a little wait in the client, and all arrive")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void holdsNoMoreThanALittle(HttpVersion version) throws Exception {
        var content = new byte[8 << 20];
        new Random(7).nextBytes(content);
        try (var client = later.connect(version)) {
            var tunnel = client.connect("target.test:7");
            var sent = new CompletableFuture<Boolean>();
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            tunnel.send(content);
                            sent.complete(true);
                            tunnel.finish();
                        } catch (Exception failure) {
                            sent.completeExceptionally(failure);
                        }
                    });
            var exchange = later.service().next();
            if (version != HttpVersion.H3) { // That client here queues all by itself.
                assertThat(sent).isNotDone();
            }
            later.service().acceptLater(exchange);
            assertThat(tunnel.awaitHead().status()).isEqualTo(200);
            assertThat(tunnel.awaitEnd()).isEqualTo(content);
            assertThat(sent.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @DisplayName("R4 9114 4.4: a client that resets before the answer abandons its request")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void noticesThatTheClientHasLeft(HttpVersion version) throws Exception {
        try (var client = later.connect(version)) {
            var tunnel = client.connect("target.test:7");
            tunnel.send("never mind");
            var exchange = later.service().next();
            tunnel.reset();
            Await.until("abandoned", exchange::isAbandoned);
            exchange.eventLoop().execute(exchange::abandon);
        }
    }

    @DisplayName("R4 9113 8.5, 9114 4.4: FIN travels both ways and the tunnel ends in order")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void finishes(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            var tunnel = client.connect("target.test:7");
            assertThat(tunnel.awaitHead().status()).isEqualTo(200);
            tunnel.send("hello");
            assertThat(tunnel.awaitText(5)).isEqualTo("hello");
            tunnel.finish();
            assertThat(tunnel.awaitEnd()).isEmpty();
            assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.FINISHED);
        }
    }

    @DisplayName("R4 9113 8.5, 9114 4.4: a reset of the client ends the tunnel as one")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void endsWithAReset(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            var tunnel = client.connect("target.test:7");
            assertThat(tunnel.awaitHead().status()).isEqualTo(200);
            tunnel.send("hello");
            assertThat(tunnel.awaitText(5)).isEqualTo("hello");
            tunnel.reset();
            assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
        }
    }

    @DisplayName("case 51: a tunnel above the cap of its connection is 503, until one ends")
    @ParameterizedTest(name = NAMED)
    @EnumSource(names = {"H2", "H3"})
    void capsTunnels(HttpVersion version) throws Exception {
        try (var narrow = TestFront.open(Limits.ofTunnels(2), ScriptedService.Answer.AT_ONCE);
                var client = narrow.connect(version)) {
            var tunnels = new ArrayList<RawTunnel>();
            for (int i = 0; i < 2; i++) {
                tunnels.add(client.connect("target.test:7"));
                assertThat(tunnels.getLast().awaitHead().status()).isEqualTo(200);
            }
            var refused = client.connect("target.test:7").awaitHead();
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.fields().first("proxy-status").orElseThrow())
                    .startsWith("\"relay\";error=connection_limit_reached");
            tunnels.getFirst().finish();
            tunnels.getFirst().awaitEnd();
            assertThat(narrow.service().nextEnd()).isEqualTo(StreamEnd.FINISHED);
            Await.until("a place is free", () -> opens(client));
        }
    }

    private static boolean opens(RawClient client) {
        try {
            return client.connect("target.test:7").awaitHead().opens();
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    @DisplayName("case 15: a relay that drains answers 503")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void passesOnARefusal(HttpVersion version) throws Exception {
        try (var client = later.connect(version)) {
            var tunnel = client.connect("target.test:7");
            var exchange = later.service().next();
            exchange.eventLoop()
                    .execute(() -> exchange.refuse(RefusalReason.DRAINING.because("draining")));
            var head = tunnel.awaitHead();
            assertThat(head.status()).isEqualTo(503);
            assertThat(head.fields().first("proxy-status"))
                    .contains("\"relay\";error=proxy_internal_error;details=\"draining\"");
            assertThat(tunnel.awaitEnd()).isEmpty();
        }
    }

    @DisplayName("case 49, R5 9209 2.3: every reason has its status and error on the wire")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void saysTheReason(HttpVersion version) throws Exception {
        for (var reason : RefusalReason.values()) {
            // One each: a relay that drains takes no more requests on a connection.
            try (var client = later.connect(version)) {
                var tunnel = client.connect("target.test:7");
                var exchange = later.service().next();
                exchange.eventLoop().execute(() -> exchange.refuse(reason.because("a \"b\"")));
                var head = tunnel.awaitHead();
                assertThat(head.status()).as(reason.name()).isEqualTo(reason.status());
                assertThat(head.fields().first("proxy-status"))
                        .contains(
                                "\"relay\";error=%s;details=\"a \\\"b\\\"\""
                                        .formatted(reason.proxyStatusError()));
                assertThat(head.fields().contains("capsule-protocol")).isFalse();
                assertThat(tunnel.awaitEnd()).isEmpty();
            }
        }
    }

    @DisplayName("case 41: an ordinary request on the same listener is served as one")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void servesOrdinaryRequests(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            assertThat(client.request("GET", "/health").awaitHead().status()).isEqualTo(200);
            assertThat(client.request("POST", "/echo").awaitHead().status()).isEqualTo(200);
            assertThat(client.connect("target.test:7").awaitHead().status()).isEqualTo(200);
        }
    }

    @DisplayName("case 24, case 5: an ordinary method on a template is 405")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void wantsConnectOnATemplate(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            for (var method : List.of("GET", "HEAD", "POST")) {
                for (var kind : List.of("udp", "tcp")) {
                    var path = "/.well-known/masque/" + kind + "/a.test/80/";
                    assertThat(client.request(method, path).awaitHead().status()).isEqualTo(405);
                }
            }
        }
    }
}
