package org.masquerelay.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.http.TestFront.Limits;
import org.masquerelay.testkit.RawH1Client;
import org.masquerelay.testkit.TlsEnd;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.StreamEnd;

/// What is special about CONNECT over HTTP/1.1.
@Timeout(60)
final class H1ConnectTest {
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

    private static RawH1Client connect(TestFront front) throws Exception {
        return RawH1Client.connect(front.address(), TestFront.clientTls());
    }

    private static String crlf(String request) {
        return request.replace("|", "\r\n");
    }

    /// Nothing but this answer comes, and then the end.
    private static void assertRefusedAndClosed(RawH1Client client, int status) throws Exception {
        var head = client.awaitHead();
        assertThat(head.status()).isEqualTo(status);
        assertThat(head.fields().first("connection")).hasValue("close");
        assertThat(head.fields().first("content-length")).hasValue("0");
        assertThat(client.rest()).isEmpty();
        assertThat(client.awaitEnd()).isEqualTo(new TlsEnd.CloseNotify());
    }

    @DisplayName("R4 9931 8: a request pipelined behind a refused CONNECT is never looked at")
    @ParameterizedTest(name = "{displayName}: {0}")
    @ValueSource(
            strings = {
                "POST /echo HTTP/1.1|Host: a|Content-Length: 2||hi",
                "GET /health HTTP/1.1|Host: a||",
                "CONNECT target.test:7 HTTP/1.1|Host: a||",
                "GET /.well-known/masque/tcp/target.test/7/ HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-tcp||"
            })
    void looksAtNothingBehindARefusedConnect(String smuggled) throws Exception {
        try (var client = connect(front)) {
            client.send("CONNECT abc HTTP/1.1\r\nHost: abc\r\n\r\n" + crlf(smuggled));
            assertRefusedAndClosed(client, 400);
        }
        assertThat(front.service().wasAsked()).isFalse();
        try (var client = connect(later)) {
            client.send("CONNECT target.test:7 HTTP/1.1\r\nHost: a\r\n\r\n" + crlf(smuggled));
            var exchange = later.service().next();
            exchange.eventLoop()
                    .execute(() -> exchange.refuse(RefusalReason.FORBIDDEN.because("")));
            assertRefusedAndClosed(client, 403);
        }
        assertThat(later.service().wasAsked()).isFalse();
    }

    @DisplayName("R4 9931 8: what follows a granted CONNECT is content, however it looks")
    @Test
    void takesWhatFollowsForContent() throws Exception {
        var request = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
        try (var client = connect(front)) {
            client.send("CONNECT target.test:7 HTTP/1.1\r\nHost: a\r\n\r\n" + request);
            assertThat(client.awaitStatus()).isEqualTo(200);
            assertThat(client.awaitText(request.length())).isEqualTo(request);
        }
    }

    @DisplayName("R4 9110 9.3.6: CONNECT with content, without one Host or to no authority, is 400")
    @ParameterizedTest(name = "{displayName}: {0}")
    @ValueSource(
            strings = {
                "CONNECT a.test:80 HTTP/1.1||",
                "CONNECT a.test:80 HTTP/1.1|Host: a|Host: b||",
                "CONNECT a.test:80 HTTP/1.1|Host: a|Content-Length: 3||abc",
                "CONNECT a.test:80 HTTP/1.1|Host: a|Transfer-Encoding: chunked||0||",
                "CONNECT a.test:80 HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-udp||",
                "CONNECT https://a.test:80/ HTTP/1.1|Host: a||",
                "CONNECT /a.test:80 HTTP/1.1|Host: a||",
                "CONNECT * HTTP/1.1|Host: a||"
            })
    void refusesMalformedConnects(String request) throws Exception {
        try (var client = connect(front)) {
            client.send(crlf(request));
            assertRefusedAndClosed(client, 400);
        }
        assertThat(front.service().wasAsked()).isFalse();
    }

    @DisplayName("R4 9110 9.3.6: CONNECT behind an ordinary request on the same connection")
    @Test
    void connectsOnAUsedConnection() throws Exception {
        try (var client = connect(front)) {
            client.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.awaitHead().fields().first("content-length")).hasValue("0");
            client.send("CONNECT target.test:7 HTTP/1.1\r\nHost: a\r\n\r\nhello");
            assertThat(client.awaitStatus()).isEqualTo(200);
            assertThat(client.awaitText(5)).isEqualTo("hello");
        }
    }

    @DisplayName("R4 9110 9.3.6: a pipelined CONNECT waits for the answer in front of it")
    @Test
    void answersInOrder() throws Exception {
        try (var client = connect(front)) {
            client.send(
                    "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
                            + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
                            + "CONNECT target.test:7 HTTP/1.1\r\nHost: a\r\n\r\nhello");
            assertThat(client.awaitStatus()).isEqualTo(200);
            assertThat(client.awaitStatus()).isEqualTo(200);
            var opened = client.awaitHead();
            assertThat(opened.status()).isEqualTo(200);
            assertThat(opened.fields().contains("content-length")).isFalse();
            assertThat(client.awaitText(5)).isEqualTo("hello");
        }
    }

    @DisplayName("case 46: close_notify of the client is a FIN, not a reset")
    @Test
    void takesCloseNotifyForFin() throws Exception {
        try (var client = connect(front)) {
            client.send("CONNECT target.test:7 HTTP/1.1\r\nHost: a\r\n\r\nhello");
            assertThat(client.awaitStatus()).isEqualTo(200);
            assertThat(client.awaitText(5)).isEqualTo("hello");
            client.finish();
            assertThat(client.rest()).isEmpty();
            assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.FINISHED);
        }
    }

    @DisplayName("R9: the end of TCP without close_notify is a reset")
    @Test
    void takesTruncationForAReset() throws Exception {
        try (var client = connect(front)) {
            client.send("CONNECT target.test:7 HTTP/1.1\r\nHost: a\r\n\r\nhello");
            assertThat(client.awaitStatus()).isEqualTo(200);
            assertThat(client.awaitText(5)).isEqualTo("hello");
            client.tls().truncate();
            assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
        }
    }

    @DisplayName("R4 9110 9.3.6: a large payload comes back whole")
    @Test
    void carriesALot() throws Exception {
        var content = "0123456789".repeat(50_000);
        try (var client = connect(front)) {
            client.send("CONNECT target.test:7 HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.awaitStatus()).isEqualTo(200);
            var sending =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    client.send(content.getBytes(UTF_8));
                                } catch (java.io.IOException failure) {
                                    throw new java.io.UncheckedIOException(failure);
                                }
                            });
            assertThat(client.awaitText(content.length())).isEqualTo(content);
            sending.join();
        }
    }
}
