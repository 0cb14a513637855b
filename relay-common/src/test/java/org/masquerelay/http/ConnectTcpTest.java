package org.masquerelay.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.http.TestFront.Limits;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.RawBytes;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawH1Client;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;

/// Templated TCP proxying (draft-ietf-httpbis-connect-tcp) over every HTTP version, in front of an
/// echo.
@Timeout(60)
final class ConnectTcpTest {
    private static final String NAMED = "{displayName} over {0}";
    private static final String PATH = "/.well-known/masque/tcp/target.test/7/";
    private static final String[] CAPSULES = {"capsule-protocol", "?1"};
    private static final ConnectTcp.Form NEWEST = ConnectTcp.DRAFTS.getFirst();

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

    private static RawTunnel tunnel(RawClient client) throws Exception {
        var tunnel = client.upgrade(NEWEST.token(), PATH, CAPSULES);
        assertThat(tunnel.awaitHead().opens()).isTrue();
        return tunnel;
    }

    private static byte[] data(String text) {
        return CapsuleBytes.capsule(NEWEST.data(), text.getBytes(UTF_8));
    }

    private static byte[] finalData(String text) {
        return CapsuleBytes.capsule(NEWEST.finalData(), text.getBytes(UTF_8));
    }

    /// So many bytes of content of DATA capsules of `form`.
    private static String echo(RawTunnel tunnel, ConnectTcp.Form form, int count) throws Exception {
        var text = new StringBuilder();
        while (text.length() < count) {
            var capsule = CapsuleBytes.read(tunnel::awaitBytes);
            assertThat(capsule.type()).isEqualTo(form.data());
            text.append(new String(capsule.value(), UTF_8));
        }
        return text.toString();
    }

    private static void assertFinal(RawTunnel tunnel, ConnectTcp.Form form) throws Exception {
        var last = CapsuleBytes.read(tunnel::awaitBytes);
        assertThat(last.type()).isEqualTo(form.finalData());
        assertThat(last.value()).isEmpty();
        tunnel.finish();
        assertThat(tunnel.awaitEnd()).isEmpty();
    }

    static Stream<Arguments> forms() {
        return Arrays.stream(HttpVersion.values())
                .flatMap(version ->
                        ConnectTcp.DRAFTS.stream()
                                .map(form -> Arguments.of(version, form.token(), form)));
    }

    @DisplayName("R9: the default template serves")
    @ParameterizedTest(name = "{displayName} {1} over {0}")
    @MethodSource("forms")
    void servesTheDefaultTemplate(HttpVersion version, String token, ConnectTcp.Form form)
            throws Exception {
        try (var client = front.connect(version)) {
            var tunnel = client.upgrade(token, PATH, CAPSULES);
            var head = tunnel.awaitHead();
            assertThat(head.status()).isEqualTo(version == HttpVersion.H1 ? 101 : 200);
            assertThat(head.fields().all("capsule-protocol")).containsExactly("?1");
            assertThat(head.fields().contains("content-length")).isFalse();
            assertThat(front.service().next().request().target()).hasToString("target.test:7");
            tunnel.send(CapsuleBytes.capsule(form.data(), "hello".getBytes(UTF_8)));
            assertThat(echo(tunnel, form, 5)).isEqualTo("hello");
            tunnel.send(CapsuleBytes.capsule(form.finalData(), new byte[0]));
            assertFinal(tunnel, form);
            assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.FINISHED);
        }
    }

    @DisplayName("R9: without Capsule-Protocol the content is the bytes themselves")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void carriesRawBytesForOlderClients(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            var tunnel = client.upgrade("connect-tcp", PATH);
            var head = tunnel.awaitHead();
            assertThat(head.opens()).isTrue();
            assertThat(head.fields().contains("capsule-protocol")).isFalse();
            tunnel.send("hello");
            assertThat(tunnel.awaitText(5)).isEqualTo("hello");
            tunnel.finish();
            assertThat(tunnel.awaitEnd()).isEmpty();
            assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.FINISHED);
        }
    }

    @DisplayName("R9: boundaries mean nothing, empty capsules are fine, unknown ones are skipped")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void ignoresBoundaries(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            var tunnel = tunnel(client);
            tunnel.send(
                    RawBytes.concat(
                            data("he"),
                            data(""),
                            CapsuleBytes.capsule(0x17, new byte[9]),
                            data("llo"),
                            data(""),
                            finalData(" world")));
            assertThat(echo(tunnel, NEWEST, 11)).isEqualTo("hello world");
            assertFinal(tunnel, NEWEST);
            assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.FINISHED);
        }
    }

    @DisplayName("R9: capsules may come byte by byte")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void readsByteByByte(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            var tunnel = tunnel(client);
            for (byte each : RawBytes.concat(data("hello"), data("!"), finalData(""))) {
                tunnel.send(new byte[] {each});
            }
            assertThat(echo(tunnel, NEWEST, 6)).isEqualTo("hello!");
            assertFinal(tunnel, NEWEST);
        }
    }

    @DisplayName("R9: bytes are handed on before their capsule is whole")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void forwardsPartsOfACapsule(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            var tunnel = tunnel(client);
            tunnel.send(
                    RawBytes.concat(
                            CapsuleBytes.header(NEWEST.data(), 1L << 40), "hello".getBytes(UTF_8)));
            assertThat(echo(tunnel, NEWEST, 5)).isEqualTo("hello");
        }
    }

    @DisplayName("R9: a stream that ends without FINAL_DATA resets the tunnel")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void takesAnEndWithoutFinalDataForAReset(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            var tunnel = tunnel(client);
            tunnel.send(data("hello"));
            assertThat(echo(tunnel, NEWEST, 5)).isEqualTo("hello");
            tunnel.finish();
            if (version != HttpVersion.H1) {
                tunnel.awaitReset(ResetCause.CONNECT_ERROR);
            }
            assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
        }
    }

    @DisplayName("R9, R1 3.3: a stream that ends within a capsule is malformed")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void takesAnEndWithinACapsuleForMalformed(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            var tunnel = tunnel(client);
            tunnel.send(
                    RawBytes.concat(
                            CapsuleBytes.header(NEWEST.finalData(), 6), "hello".getBytes(UTF_8)));
            assertThat(echo(tunnel, NEWEST, 5)).isEqualTo("hello");
            tunnel.finish();
            if (version != HttpVersion.H1) {
                tunnel.awaitReset(ResetCause.MESSAGE_ERROR);
            }
            assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
        }
    }

    @DisplayName("R9: content that comes before the answer is held and delivered")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void holdsOptimisticContent(HttpVersion version) throws Exception {
        try (var client = later.connect(version)) {
            var tunnel = client.upgrade(NEWEST.token(), PATH, CAPSULES);
            tunnel.send(data("early "));
            var exchange = later.service().next();
            tunnel.send(finalData("bird"));
            later.service().acceptLater(exchange);
            assertThat(tunnel.awaitHead().opens()).isTrue();
            assertThat(echo(tunnel, NEWEST, 10)).isEqualTo("early bird");
            assertFinal(tunnel, NEWEST);
        }
    }

    @DisplayName("R9: content that comes before a refusal is discarded")
    @ParameterizedTest(name = NAMED)
    @EnumSource(names = {"H2", "H3"})
    void discardsOptimisticContent(HttpVersion version) throws Exception {
        try (var client = later.connect(version)) {
            var tunnel = client.upgrade(NEWEST.token(), PATH, CAPSULES);
            tunnel.send(data("early"));
            var exchange = later.service().next();
            exchange.eventLoop()
                    .execute(() -> exchange.refuse(RefusalReason.CONNECTION_REFUSED.because("")));
            var head = tunnel.awaitHead();
            assertThat(head.status()).isEqualTo(502);
            assertThat(head.fields().first("proxy-status"))
                    .contains("\"relay\";error=connection_refused");
            assertThat(head.fields().contains("capsule-protocol")).isFalse();
            assertThat(tunnel.awaitEnd()).isEmpty();
        }
    }

    @DisplayName("R9: Expect: 100-continue is answered before the tunnel is")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void answersExpectations(HttpVersion version) throws Exception {
        try (var client = later.connect(version)) {
            var tunnel =
                    client.upgrade(
                            NEWEST.token(),
                            PATH,
                            "capsule-protocol",
                            "?1",
                            "expect",
                            "100-continue");
            assertThat(tunnel.awaitHead().status()).isEqualTo(100);
            later.service().acceptLater(later.service().next());
            assertThat(tunnel.awaitHead().opens()).isTrue();
            tunnel.send(finalData("hello"));
            assertThat(echo(tunnel, NEWEST, 5)).isEqualTo("hello");
            assertFinal(tunnel, NEWEST);
        }
    }

    @DisplayName("R9: a wrong target is 400, a path without template 404, another draft 501")
    @ParameterizedTest(name = NAMED)
    @EnumSource
    void refusesRequests(HttpVersion version) throws Exception {
        try (var client = front.connect(version)) {
            for (var path :
                    List.of("tcp/a.test/0/", "tcp/a.test/65536/", "tcp/a.test/x/", "tcp/-a/7/")) {
                assertRefused(client, NEWEST.token(), path, 400);
            }
            assertRefused(client, NEWEST.token(), "tcp/a.test/7", 404);
            assertRefused(client, NEWEST.token(), "ip/a.test/7/", 404);
            if (version != HttpVersion.H1) { // Which ignores an Upgrade that it does not know.
                assertRefused(client, "connect-tcp-99", "tcp/a.test/7/", 501);
            }
        }
    }

    private static void assertRefused(RawClient client, String token, String path, int status)
            throws Exception {
        var head = client.upgrade(token, "/.well-known/masque/" + path, CAPSULES).awaitHead();
        assertThat(head.status()).as(path).isEqualTo(status);
        assertThat(head.fields().first("proxy-status").orElseThrow())
                .startsWith("\"relay\";error=http_request_error");
    }

    @DisplayName("R9: after a refused upgrade the HTTP/1.1 connection is as good as before")
    @Test
    void keepsTheConnectionAfterARefusal() throws Exception {
        try (var client = RawH1Client.connect(front.address(), TestFront.clientTls())) {
            upgrade(client, "/.well-known/masque/tcp/a.test/0/");
            var refused = client.awaitHead();
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.fields().first("content-length")).contains("0");
            assertThat(refused.fields().contains("connection")).isFalse();
            upgrade(client, PATH);
            var opened = client.awaitHead();
            assertThat(opened.status()).isEqualTo(101);
            assertThat(opened.fields().first("connection")).hasValue("Upgrade");
            assertThat(opened.fields().all("upgrade")).containsExactly(NEWEST.token());
            client.send(data("hello"));
            assertThat(CapsuleBytes.read(client::awaitBytes).value()).hasSize(5);
        }
    }

    private static void upgrade(RawH1Client client, String path) throws Exception {
        client.request(
                "GET " + path + " HTTP/1.1",
                "Host: localhost",
                "Connection: keep-alive, uPgrade",
                "Upgrade: " + NEWEST.token(),
                "Capsule-Protocol: ?1");
    }
}
