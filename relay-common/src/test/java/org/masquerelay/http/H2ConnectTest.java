package org.masquerelay.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.http.TestFront.Limits;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.H2Bytes;
import org.masquerelay.testkit.H2Frame;
import org.masquerelay.testkit.RawH2Client;
import org.masquerelay.testkit.RawH2Stream;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.tunnel.StreamEnd;

/// What is special about CONNECT over HTTP/2 (RFC 8441; RFC 9113, section 8.5).
@Timeout(60)
final class H2ConnectTest {
    private static final int ENABLE_CONNECT_PROTOCOL = 0x08;
    private static final int MAX_CONCURRENT_STREAMS = 0x03;
    private static final int PROTOCOL_ERROR = 0x1;
    private static final int REFUSED_STREAM = 0x7;

    private static TestFront front;
    private RawH2Client client;

    @BeforeAll
    static void open() throws Exception {
        front = TestFront.echoing();
    }

    @AfterAll
    static void close() {
        front.close();
        LeakPresenceDetector.check();
    }

    @BeforeEach
    void connect() throws Exception {
        front.service().startAfresh();
        client = connect(front);
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    private static RawH2Client connect(TestFront front) throws Exception {
        return RawH2Client.connect(front.address(), TestFront.clientTls());
    }

    private RawH2Stream tunnel() throws Exception {
        var stream = client.request(Heads.tcp());
        assertThat(stream.awaitStatus()).isEqualTo(200);
        return stream;
    }

    private static String[] lines(String text) {
        var lines = new ArrayList<String>();
        for (var line : text.split(" ", -1)) {
            int equals = line.indexOf('=');
            lines.add(line.substring(0, equals));
            lines.add(line.substring(equals + 1));
        }
        return lines.toArray(String[]::new);
    }

    @DisplayName("R4 8441 3: SETTINGS_ENABLE_CONNECT_PROTOCOL is 1 in the first SETTINGS")
    @Test
    void announcesExtendedConnect() throws Exception {
        assertThat(client.awaitSettings()).containsEntry(ENABLE_CONNECT_PROTOCOL, 1L);
        assertThat(client.awaitSettings()).containsKey(MAX_CONCURRENT_STREAMS);
    }

    @DisplayName("R4 8441 3: SETTINGS_ENABLE_CONNECT_PROTOCOL of 2 closes the connection")
    @Test
    void closesOnAWrongSetting() throws Exception {
        client.settings(ENABLE_CONNECT_PROTOCOL, 2);
        assertThat(client.awaitGoAway().code()).isEqualTo(PROTOCOL_ERROR);
    }

    @DisplayName("case 99, R4 8441 4, 9113 8.5: malformed pseudo-header fields are no tunnel")
    @ParameterizedTest(name = "{displayName}: {0}")
    @ValueSource(
            strings = {
                ":method=CONNECT",
                ":method=CONNECT :authority=a.test:80 :scheme=https :path=/",
                ":method=CONNECT :authority=a.test:80 :path=/",
                ":method=CONNECT :authority=a.test:80 :scheme=https",
                ":method=CONNECT :protocol=connect-udp :scheme=https :path=/.well-known/masque/udp/a.test/80/",
                ":method=CONNECT :protocol=connect-udp :scheme=https :authority=a",
                ":method=CONNECT :protocol=connect-udp :authority=a :path=/.well-known/masque/udp/a.test/80/",
                ":method=CONNECT :protocol=connect-udp :scheme=http :authority=a :path=/.well-known/masque/udp/a.test/80/",
                ":method=GET :protocol=connect-udp :scheme=https :authority=a :path=/.well-known/masque/udp/a.test/80/"
            })
    void refusesMalformedRequests(String head) throws Exception {
        assertNoTunnel(client.request(lines(head)));
        assertThat(tunnel()).isNotNull();
        assertThat(client.isOpen()).isTrue();
    }

    @DisplayName("R4 9113 8.2: malformed field lines reset the stream with PROTOCOL_ERROR")
    @ParameterizedTest(name = "{displayName}: {0}")
    @ValueSource(
            strings = {
                ":method=CONNECT :authority=a.test:80 connection=close",
                ":method=CONNECT :authority=a.test:80 proxy-connection=keep-alive",
                ":method=CONNECT :authority=a.test:80 transfer-encoding=chunked",
                ":method=CONNECT :authority=a.test:80 upgrade=websocket",
                ":method=CONNECT :authority=a.test:80 x=a\r\nb:c",
                ":method=CONNECT :authority=a.test:80 x=a\nb",
                ":method=CONNECT :authority=a.test:80 x=a\0b",
                ":method=CONNECT :authority=a.test:80\r\nx:y",
                ":method=CONNECT :authority=a.test:80 Upper=1",
                ":method=CONNECT :authority=a.test:80 :unknown=1",
                ":status=200",
                "x=1 :method=CONNECT :authority=a.test:80"
            })
    void resetsMalformedRequests(String head) throws Exception {
        assertThat(client.request(lines(head)).awaitReset()).isEqualTo(PROTOCOL_ERROR);
        assertThat(tunnel()).isNotNull();
    }

    /// A refusal by status or by PROTOCOL_ERROR.
    private static void assertNoTunnel(RawH2Stream stream) throws Exception {
        switch (stream.next()) {
            case RawH2Stream.Event.Head(int status, _) -> assertThat(status).isEqualTo(400);
            case RawH2Stream.Event.Reset(long code) -> assertThat(code).isEqualTo(PROTOCOL_ERROR);
            case RawH2Stream.Event other -> throw new AssertionError("no answer: " + other);
        }
        assertThat(front.service().wasAsked()).isFalse();
        front.service().forgetRequests();
    }

    @DisplayName("case 94: END_STREAM on the head of an extended CONNECT is 400")
    @Test
    void refusesARequestThatEndsAtOnce() throws Exception {
        for (var head : List.of(Heads.udp(), Heads.tcp())) {
            var stream = client.open();
            stream.headers(H2Frame.END_HEADERS | H2Frame.END_STREAM, H2Bytes.block(head));
            assertThat(stream.awaitStatus()).isEqualTo(400);
            assertThat(stream.awaitEnd()).isEmpty();
        }
    }

    @DisplayName("R4 9113 8.5: a field section on a tunnel resets it with PROTOCOL_ERROR")
    @Test
    void resetsOnTrailers() throws Exception {
        var stream = tunnel();
        stream.headers(H2Frame.END_HEADERS | H2Frame.END_STREAM, H2Bytes.block("trailer", "1"));
        assertThat(stream.awaitReset()).isEqualTo(PROTOCOL_ERROR);
        assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
        assertThat(tunnel()).isNotNull();
    }

    @DisplayName("R4 9113 8.5: WINDOW_UPDATE, PRIORITY and unknown frames are fine on a tunnel")
    @Test
    void takesFramesThatManageStreams() throws Exception {
        var stream = tunnel();
        stream.windowUpdate(1000);
        client.send(H2Bytes.priority(stream.id(), 0));
        client.send(H2Bytes.frame(0x2a, 0, stream.id(), new byte[3]));
        stream.data("hello");
        assertThat(stream.awaitText(5)).isEqualTo("hello");
    }

    @DisplayName("R4 9113 8.5: empty and padded DATA frames carry just their content")
    @Test
    void readsEmptyAndPaddedFrames() throws Exception {
        var stream = tunnel();
        stream.data("");
        stream.data(H2Frame.PADDED, H2Bytes.padded("hello".getBytes(UTF_8), 200));
        assertThat(stream.awaitText(5)).isEqualTo("hello");
        stream.finish();
        assertThat(stream.awaitEnd()).isEmpty();
    }

    @DisplayName("R4 9113 8.1.1: content beyond content-length resets a tunnel")
    @Test
    void resetsWhenContentDoesNotMatchItsLength() throws Exception {
        var stream = client.request(Heads.tcp("content-length", "3"));
        stream.data("more than three");
        assertThat(stream.awaitReset()).isEqualTo(PROTOCOL_ERROR);
    }

    @DisplayName("R4 9113 5.1.2: a stream above MAX_CONCURRENT_STREAMS is REFUSED_STREAM")
    @Test
    void holdsMaxConcurrentStreams() throws Exception {
        try (var narrow = TestFront.open(Limits.ofStreams(2), ScriptedService.Answer.AT_ONCE);
                var full = connect(narrow)) {
            assertThat(full.awaitSettings()).containsEntry(MAX_CONCURRENT_STREAMS, 2L);
            var first = full.request(Heads.tcp());
            var second = full.request(Heads.tcp());
            assertThat(first.awaitStatus()).isEqualTo(200);
            assertThat(second.awaitStatus()).isEqualTo(200);
            assertThat(full.request(Heads.tcp()).awaitReset()).isEqualTo(REFUSED_STREAM);
            second.data("hello");
            assertThat(second.awaitText(5)).isEqualTo("hello");
            first.finish();
            assertThat(first.awaitEnd()).isEmpty();
            assertThat(full.request(Heads.tcp()).awaitStatus()).isEqualTo(200);
        }
    }

    @DisplayName("R4 9113 5.2: a tunnel takes no more than its window before it is answered")
    @Test
    void boundsWhatATunnelTakes() throws Exception {
        try (var later = TestFront.open(Limits.WIDE, ScriptedService.Answer.LATER);
                var waiting = connect(later)) {
            waiting.awaitSettings();
            waiting.ping(0); // Behind our acknowledgement, with which the window is that large.
            assertThat(waiting.awaitPingAck()).isZero();
            var stream = waiting.request(Heads.tcp());
            var exchange = later.service().next();
            long window = ConnectionSettings.STANDARD.streamWindow();
            var part = new byte[16_384];
            for (long sent = 0; sent + part.length <= window; sent += part.length) {
                stream.data(part);
            }
            waiting.ping(1);
            assertThat(waiting.awaitPingAck()).isEqualTo(1);
            // What was read early is little, so the window is hardly opened again.
            assertThat(stream.windowUpdates()).isLessThan(window / 2 + 1);
            later.service().acceptLater(exchange);
            assertThat(stream.awaitStatus()).isEqualTo(200);
            Await.until("the window opens", () -> stream.windowUpdates() >= window / 2);
        }
    }
}
