package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.testkit.WireRequest.plain;
import static org.masquerelay.testkit.WireRequest.udp;
import static org.masquerelay.testkit.WireRequest.udpPath;

import io.netty.util.LeakPresenceDetector;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.testkit.Wire;
import org.masquerelay.testkit.WireExchange.Answer;
import org.masquerelay.testkit.WireRequest;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.wire.UriTemplate;

/// RFC 9298, section 3, on a listener: what a request for a UDP tunnel is answered, over every HTTP
/// version.
@Timeout(60)
@ParameterizedClass(name = "{0}")
@EnumSource(HttpVersion.class)
final class ConnectUdpConformanceTest {
    private static final Set<String> TARGET = Set.of("target_host", "target_port");

    private static TestFront front;

    private final Wire wire;

    ConnectUdpConformanceTest(HttpVersion version) {
        wire = front.wire(version);
    }

    @BeforeAll
    static void open() throws Exception {
        front = TestFront.open(settings -> settings.with(offer()), ScriptedService.Answer.AT_ONCE);
    }

    private static Offer offer() {
        return new Offer(
                List.of(
                        UriTemplate.UDP,
                        UriTemplate.parse("/proxy?h={target_host}&p={target_port}", TARGET),
                        UriTemplate.parse("/form{?target_host,target_port}", TARGET),
                        UriTemplate.parse("/path/{target_host}:{target_port}", TARGET)),
                ConnectTcp.STANDARD,
                false,
                Set.of("localhost", "relay.example"));
    }

    @AfterEach
    void disconnect() {
        wire.close();
    }

    @AfterAll
    static void close() {
        front.close();
        LeakPresenceDetector.check();
    }

    private Answer.Head assertOpens(WireRequest request, String target) throws Exception {
        front.service().forgetRequests();
        var head = wire.ask(request).head();
        assertThat(head.status()).isEqualTo(wire.opened());
        assertThat(front.service().next().request().target()).hasToString(target);
        return head;
    }

    private void assertRefused(WireRequest request, int status) throws Exception {
        var head = wire.ask(request).head();
        assertThat(head.status()).isEqualTo(status);
        // RFC 9297, section 3.4: no field of the Capsule Protocol where there is no capsule.
        assertThat(head.fields().contains("capsule-protocol")).isFalse();
        assertThat(head.fields().first("proxy-status"))
                .hasValueSatisfying(value ->
                        assertThat(value).startsWith("\"relay\";error=http_request_error"));
        assertThat(front.service().wasAsked()).isFalse();
    }

    /// What is broken below HTTP's meaning is 400 or resets the stream.
    private void assertMalformed(WireRequest request) throws Exception {
        switch (wire.ask(request).answer()) {
            case Answer.Head(int status, _) -> assertThat(status).isEqualTo(400);
            case Answer.Reset(long code) ->
                    assertThat(code).isEqualTo(wire.code(ResetCause.MESSAGE_ERROR));
        }
        assertThat(front.service().wasAsked()).isFalse();
    }

    @ParameterizedTest(name = "{0}: {1} is the target {2}")
    @CsvSource({
        "case 1, /proxy?h=localhost&p=1337, localhost:1337",
        "case 2, /proxy?h=1.2.3.4&p=9999, 1.2.3.4:9999",
        "case 3, /proxy?h=%3A%3A1&p=1234, [::1]:1234",
        "R2 2, /.well-known/masque/udp/192.0.2.6/443/, 192.0.2.6:443",
        "R2 2, /form?target_host=a.test&target_port=443, a.test:443",
        "R2 2, /path/a.test:443, a.test:443",
        "R2 3, /.well-known/masque/udp/a.test/1/, a.test:1",
        "R2 3, /.well-known/masque/udp/a.test/65535/, a.test:65535",
        "R2 3, /.well-known/masque/udp/2001%3Adb8%3A%3A1/443/, [2001:db8::1]:443",
        "R2 3, /.well-known/masque/udp/2001:db8::1/443/, [2001:db8::1]:443"
    })
    void opens(String line, String path, String target) throws Exception {
        assertThat(line).isNotEmpty();
        assertOpens(udpPath(path).with("capsule-protocol", "?1"), target);
    }

    @Test
    @DisplayName("case 4: a request without Capsule-Protocol is accepted")
    void opensWithoutCapsuleProtocol() throws Exception {
        assertOpens(udp("target.test", 7), "target.test:7");
    }

    @ParameterizedTest(name = "R1 3.4: Capsule-Protocol of [{0}] does not matter")
    @ValueSource(
            strings = {"?1;foo=bar", "1", "\"?1\"", "garbage!", "?0;x", "?2", "?1, ?1", ":AA==:"})
    void opensWhateverCapsuleProtocolSays(String value) throws Exception {
        var request = udp("target.test", 7).with("capsule-protocol", value);
        assertThat(assertOpens(request, "target.test:7").fields().all("capsule-protocol"))
                .containsExactly("?1");
    }

    @ParameterizedTest(name = "{0}: Capsule-Protocol of {1} counts as absent")
    @CsvSource({"case 9, 1", "case 10, ?0"})
    void opensWithACapsuleProtocolThatCountsAsAbsent(String line, String value) throws Exception {
        assertThat(line).isNotEmpty();
        opensWhateverCapsuleProtocolSays(value);
    }

    @Test
    @DisplayName("R1 3.4: Capsule-Protocol twice counts as absent")
    void opensWithCapsuleProtocolTwice() throws Exception {
        assertOpens(
                udp("target.test", 7).with("capsule-protocol", "?1").with("capsule-protocol", "?1"),
                "target.test:7");
    }

    @Test
    @DisplayName("R1 3.4, case 112: the answer carries Capsule-Protocol: ?1")
    void answersCapsuleProtocol() throws Exception {
        var fields = assertOpens(udp("target.test", 7), "target.test:7").fields();
        assertThat(fields.all("capsule-protocol")).containsExactly("?1");
    }

    @Test
    @DisplayName("R1 3.4: no answer but 101 and 2xx carries Capsule-Protocol")
    void refusesWithoutCapsuleProtocol() throws Exception {
        for (var path : List.of("/.well-known/masque/udp/a.test/0/", "/nowhere/")) {
            var head = wire.ask(udpPath(path).with("capsule-protocol", "?1")).head();
            assertThat(head.status()).isBetween(400, 499);
            assertThat(head.fields().contains("capsule-protocol")).isFalse();
        }
    }

    @Test
    @DisplayName("R1 3.2: the answer is neither 204, 205 nor 206 and has no content fields")
    void answersWithoutContentFields() throws Exception {
        var head = assertOpens(udp("target.test", 7), "target.test:7");
        assertThat(head.status()).isEqualTo(wire.opened());
        assertThat(head.fields().contains("content-length")).isFalse();
        assertThat(head.fields().contains("content-type")).isFalse();
        assertThat(head.fields().contains("transfer-encoding")).isFalse();
    }

    @ParameterizedTest(name = "R1 3.2: a request with {0} is malformed")
    @CsvSource({
        "content-length, 0",
        "content-length, 5",
        "content-type, text/plain",
        "transfer-encoding, chunked"
    })
    void refusesContentFields(String name, String value) throws Exception {
        front.service().forgetRequests();
        assertMalformed(udp("target.test", 7).with(name, value));
    }

    @ParameterizedTest(name = "{0}: {1} is {2}")
    @CsvSource({
        "case 11, /proxy?h=&p=80, 400",
        "case 12, /proxy?h=a.test&p=foobar, 400",
        "case 13, /proxy?h=a.test&p=70000, 400",
        "case 26, /some/other/path/, 404",
        "case 27, /.well-known/masque/udp/a.test/99999/, 400",
        "case 28, /.well-known/masque/udp/a.test/0/, 400",
        "case 29, /.well-known/masque/udp/a.test/80, 404",
        "case 31, /.well-known/masque/udp/fe80%3A%3A1%25eth0/80/, 400",
        "case 32, /.well-known/masque/udp/-bad/80/, 400",
        "case 32, /.well-known/masque/udp/bad-.example/80/, 400",
        "case 32, /.well-known/masque/udp/spaces%20in.host/80/, 400",
        "case 82, /.well-known/masque/udp/a.test/invalid-port/, 400",
        "R2 3, /proxy?h=a.test&p=, 400",
        "R2 3, /.well-known/masque/udp/a.test/65536/, 400",
        "R2 3, /.well-known/masque/udp/a.test/+80/, 400",
        "R2 3, /.well-known/masque/udp/a.test/080x/, 400",
        "R2 3, /.well-known/masque/udp/a.test/%2080/, 400",
        "R2 3, /.well-known/masque/udp/fe80%3A%3Aa%25ee1/80/, 400"
    })
    void refuses(String line, String path, int status) throws Exception {
        assertThat(line).isNotEmpty();
        front.service().forgetRequests();
        assertRefused(udpPath(path), status);
    }

    @ParameterizedTest(name = "{0}: {1} without a target is 400 or 404")
    @CsvSource({
        "case 30, /.well-known/masque/udp//443/",
        "R2 3, /.well-known/masque/udp/a.test//",
        "R2 3, /.well-known/masque/udp/",
        "R2 3, /form?target_port=80",
        "R2 3, /form?target_host=a.test"
    })
    void refusesMissingTargets(String line, String path) throws Exception {
        assertThat(line).isNotEmpty();
        assertThat(wire.ask(udpPath(path)).status()).isIn(400, 404);
    }

    @ParameterizedTest(name = "{0}: {1} on the template is 405")
    @CsvSource({"case 5, HEAD", "case 24, GET", "R2 3.4, POST"})
    void refusesOtherMethods(String line, String method) throws Exception {
        assertThat(line).isNotEmpty();
        front.service().forgetRequests();
        var exchange = wire.ask(plain(method, "/.well-known/masque/udp/a.test/80/"));
        assertThat(exchange.status()).isEqualTo(405);
        assertThat(front.service().wasAsked()).isFalse();
    }

    @ParameterizedTest(name = "{0}: the authority {1} is 421")
    @CsvSource({"case 7, other.example", "R2 3.4, other.example:443", "R2 3.4, localhost.example"})
    void refusesOtherAuthorities(String line, String authority) throws Exception {
        assertThat(line).isNotEmpty();
        front.service().forgetRequests();
        assertRefused(udp("a.test", 80).withAuthority(authority), 421);
    }

    @ParameterizedTest(name = "R2 3.4: the authority {0} is served")
    @ValueSource(strings = {"localhost", "localhost:4433", "Relay.Example", "relay.example:443"})
    void servesItsAuthorities(String authority) throws Exception {
        assertOpens(udp("a.test", 80).withAuthority(authority), "a.test:80");
    }

    @Test
    @DisplayName("case 41: ordinary requests on the same listener are served")
    void servesOrdinaryRequests() throws Exception {
        for (var request :
                List.of(
                        plain("GET", "/health"),
                        plain("POST", "/echo").with("content-length", "0"))) {
            var exchange = wire.ask(request);
            if (wire.version() != HttpVersion.H1) {
                exchange.finish();
            }
            assertThat(exchange.status()).isEqualTo(200);
        }
    }

    @Test
    @DisplayName("R2 3.1: what is refused leaves the connection fit for the next request")
    void goesOnAfterARefusal() throws Exception {
        front.service().forgetRequests();
        assertRefused(udpPath("/nowhere"), 404);
        assertOpens(udp("a.test", 80), "a.test:80");
    }
}
