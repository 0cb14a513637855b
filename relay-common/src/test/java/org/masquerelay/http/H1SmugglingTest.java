package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.netty.util.LeakPresenceDetector;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.H2Bytes;
import org.masquerelay.testkit.H2Frame;

/// Requests that two servers could read in two ways (RFC 9112, section 11.2). Behind each comes
/// another one, which must never be read as a request.
@Timeout(60)
final class H1SmugglingTest {
    private static final String POST = "POST / HTTP/1.1\r\nHost: localhost\r\n";
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private AbuseFront front;

    @BeforeEach
    void open() throws Exception {
        front = AbuseFront.open();
    }

    @AfterEach
    void close() {
        front.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private static Arguments post(String what, String fieldsAndBody) {
        return argumentSet(what, POST + fieldsAndBody);
    }

    private static Arguments chunked(String what, String body) {
        return post(what, "Transfer-Encoding: chunked\r\n\r\n" + body);
    }

    static Stream<Arguments> ambiguous() {
        return Stream.of(
                post(
                        "Content-Length and Transfer-Encoding",
                        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                post(
                        "Transfer-Encoding and Content-Length",
                        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
                post("two Content-Lengths", "Content-Length: 0\r\nContent-Length: 4\r\n\r\n"),
                post("the same one twice", "Content-Length: 0\r\nContent-Length: 0\r\n\r\n"),
                post("Content-Length as a list", "Content-Length: 0, 0\r\n\r\n"),
                post("Content-Length with a sign", "Content-Length: +0\r\n\r\n"),
                post("negative Content-Length", "Content-Length: -1\r\n\r\n"),
                post("Content-Length in hex", "Content-Length: 0x0\r\n\r\n"),
                post("empty Content-Length", "Content-Length:\r\n\r\n"),
                post("Content-Length above 2^63", "Content-Length: 9223372036854775808\r\n\r\n"),
                post("an unknown coding", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
                post("chunked is not the last", "Transfer-Encoding: chunked, identity\r\n\r\n"),
                post("chunked twice", "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
                post(
                        "chunked on two lines",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"),
                post("a tab within the coding", "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n"),
                argumentSet(
                        "Transfer-Encoding in HTTP/1.0",
                        POST.replace("1.1", "1.0") + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                post("a folded Content-Length", "Content-Length:\r\n 0\r\n\r\n"),
                argumentSet(
                        "white space before the first field",
                        "POST / HTTP/1.1\r\n Host: localhost\r\nHost: localhost\r\n\r\n"),
                post("white space before a colon", "Content-Length : 0\r\n\r\n"),
                post("a tab before a colon", "Content-Length\t: 0\r\n\r\n"),
                post("no name", ": 0\r\n\r\n"),
                post("no colon", "Content-Length 0\r\n\r\n"),
                post("LF alone", "X: a\nContent-Length: 0\r\n\r\n"),
                post("CR alone", "X: a\rContent-Length: 0\r\n\r\n"),
                post("NUL in a value", "X: a\0b\r\n\r\n"),
                argumentSet(
                        "LF behind the request line", "GET / HTTP/1.1\nHost: localhost\r\n\r\n"),
                argumentSet("no Host", "GET / HTTP/1.1\r\n\r\n"),
                argumentSet(
                        "two Hosts",
                        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: other.test\r\n\r\n"),
                argumentSet("a version of its own", "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n"),
                argumentSet("two targets", "GET / /b HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                chunked("chunk size with a prefix", "0x0\r\n\r\n"),
                chunked("chunk size with a sign", "+0\r\n\r\n"),
                chunked("negative chunk size", "-1\r\n\r\n"),
                chunked("empty chunk size", "\r\n\r\n"),
                chunked("chunk size above 2^31", "80000000\r\n"),
                chunked("chunk size above 2^64", "10000000000000000\r\n"),
                chunked("chunk size and LF alone", "1\na\r\n0\r\n\r\n"),
                chunked("a chunk longer than its size", "1\r\nab\r\n0\r\n\r\n"),
                chunked("LF alone behind a chunk", "1\r\na\n0\r\n\r\n"),
                chunked("LF alone in a chunk extension", "0;a\nb\r\n\r\n"));
    }

    @ParameterizedTest
    @MethodSource("ambiguous")
    void endsTheConnection(String request) throws Exception {
        try (var client = front.connectH1()) {
            client.send(request + SMUGGLED);
            var answers = new String(client.rest(), java.nio.charset.StandardCharsets.ISO_8859_1);
            assertThat(answers).startsWith("HTTP/1.1 4").doesNotContain(" 200 ");
            assertThat(answers.split("HTTP/1.1 ", -1)).as(answers).hasSize(2);
        }
        assertThat(front.service().responded()).isZero();
    }

    // RFC 9931, section 8
    @Test
    @DisplayName("a POST behind a refused CONNECT is not executed")
    void postBehindARefusedConnect() throws Exception {
        for (var target : List.of("target.test", "target.test:0", "target.test:7/", "a b:7")) {
            try (var client = front.connectH1()) {
                client.send(
                        "CONNECT "
                                + target
                                + " HTTP/1.1\r\nHost: x\r\n\r\n"
                                + POST
                                + "Content-Length: 0\r\n\r\n");
                assertThat(client.awaitStatus()).isEqualTo(400);
                assertThat(client.rest()).isEmpty();
            }
        }
        assertThat(front.service().responded()).isZero();
    }

    @Test
    @DisplayName("CONNECT with content is refused, and its content is not a request")
    void connectWithContent() throws Exception {
        for (var fields : List.of("Content-Length: 5", "Transfer-Encoding: chunked")) {
            try (var client = front.connectH1()) {
                client.send(
                        "CONNECT echo.test:7 HTTP/1.1\r\nHost: x\r\n"
                                + fields
                                + "\r\n\r\n"
                                + SMUGGLED);
                assertThat(client.awaitStatus()).isEqualTo(400);
                client.awaitEnd();
            }
        }
        assertThat(front.service().responded()).isZero();
        assertThat(front.service().asked()).isZero();
    }

    // RFC 9112, section 3.2.2
    @Test
    @DisplayName("the authority of an absolute target stands above Host")
    void absoluteTarget() throws Exception {
        try (var client = front.connectH1()) {
            client.send("GET https://localhost/ HTTP/1.1\r\nHost: other.test\r\n\r\n");
            assertThat(client.awaitStatus()).isEqualTo(200);
        }
        assertThat(front.service().responded()).isEqualTo(1);
    }

    static Stream<Arguments> injections() {
        return Stream.of(
                argumentSet("CRLF in a value", "x", "a\r\nhost: b"),
                argumentSet("LF in a value", "x", "a\nhost: b"),
                argumentSet("CR in a value", "x", "a\rb"),
                argumentSet("NUL in a value", "x", "a\0b"),
                argumentSet("CRLF in a name", "x\r\nhost", "b"),
                argumentSet("colon in a name", "x: a", "b"),
                argumentSet("white space in a name", "x y", "b"),
                argumentSet("an upper case name", "X-Y", "b"),
                argumentSet("Transfer-Encoding", "transfer-encoding", "chunked"),
                argumentSet("Connection", "connection", "close"),
                argumentSet("Upgrade", "upgrade", "h2c"));
    }

    @ParameterizedTest
    @MethodSource("injections")
    @DisplayName("what would become another line in HTTP/1.1 is refused over HTTP/2")
    void injectionOverH2(String name, String value) throws Exception {
        try (var client = front.connectH2()) {
            client.request(AbuseFront.connect(AbuseService.ECHO, name, value)).awaitReset();
        }
        assertThat(front.service().asked()).isZero();
    }

    @ParameterizedTest
    @MethodSource("injections")
    @DisplayName("what would become another line in HTTP/1.1 is refused over HTTP/3")
    void injectionOverH3(String name, String value) throws Exception {
        try (var client = front.connectH3()) {
            client.request(AbuseFront.connect(AbuseService.ECHO, name, value)).resetCode();
        }
        assertThat(front.service().asked()).isZero();
    }

    static Stream<Arguments> pseudoInjections() {
        return Stream.of(":path", ":authority", ":scheme", ":method")
                .map(name -> argumentSet(name, name));
    }

    private static String[] injected(String pseudoHeader) {
        var head = Heads.udp();
        int at = Arrays.asList(head).indexOf(pseudoHeader);
        head[at + 1] += " HTTP/1.1\r\nx: ";
        return head;
    }

    @ParameterizedTest
    @MethodSource("pseudoInjections")
    @DisplayName("and so it is in pseudo-header fields")
    void injectionIntoPseudoHeaderFields(String name) throws Exception {
        try (var h2 = front.connectH2();
                var h3 = front.connectH3()) {
            h2.request(injected(name)).awaitReset();
            h3.request(injected(name)).resetCode();
        }
        assertThat(front.service().asked()).isZero();
        assertThat(front.service().responded()).isZero();
    }

    @Test
    @DisplayName("none of them disturbs others")
    void besideATunnel() throws Exception {
        try (var healthy = HealthyTunnel.overH2(front)) {
            healthy.keepsItsPaceBeside(() -> {
                for (var row : ambiguous().toList()) {
                    try (var client = front.connectH1()) {
                        client.send(row.get()[0] + SMUGGLED);
                        client.rest();
                    }
                }
                try (var client = front.connectH2()) {
                    client.send(
                            H2Bytes.headers(
                                    1, H2Frame.END_HEADERS, H2Bytes.block(injected(":path"))));
                }
            });
        }
        Await.until("closed", () -> front.service().open() == 0);
    }
}
