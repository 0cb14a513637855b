package org.masquerelay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.RawH2Client.GoAway;
import org.masquerelay.testkit.RawH2Options.Automatic;
import org.masquerelay.testkit.RawH2Options.Opening;

/// The client against Netty's HTTP/2.
@Timeout(60)
final class RawH2ClientTest {
    private static final long PROTOCOL_ERROR = 0x01;
    private static final long FRAME_SIZE_ERROR = 0x06;
    private static final long COMPRESSION_ERROR = 0x09;
    private static final int INITIAL_WINDOW = 65_535;

    private static DevelopmentPki pki;

    private H2EchoServer server;

    @BeforeAll
    static void makeCertificates(@TempDir Path home) throws Exception {
        pki = DevelopmentPki.open(home.resolve("pki"), Clock.systemUTC());
    }

    @BeforeEach
    void start() throws Exception {
        server = new H2EchoServer(pki.ingressServer());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private RawH2Client connect() throws Exception {
        return RawH2Client.connect(server.address(), pki.client());
    }

    private RawH2Client connect(RawH2Options options) throws Exception {
        return RawH2Client.connect(server.address(), pki.client(), options);
    }

    private static String[] head(String path) {
        return new String[] {
            ":method", "POST", ":scheme", "https", ":authority", "localhost", ":path", path
        };
    }

    private String seen() throws InterruptedException {
        return String.valueOf(server.seen.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void readsHeadsContentAndTheEndOfSeveralStreams() throws Exception {
        try (var client = connect()) {
            assertThat(client.tls().alpn()).isEqualTo("h2");
            var one = client.request(head("/same"));
            var other = client.request(head("/same"));
            other.data("other");
            one.data("one");
            one.finish();

            // The second head names what the first one put into the table of HPACK.
            for (var stream : new RawH2Stream[] {one, other}) {
                var head = stream.awaitHead();
                assertThat(head.status()).isEqualTo(200);
                assertThat(head.fields().first("path")).contains("/same");
            }
            assertThat(one.awaitText(2)).isEqualTo("on");
            assertThat(one.awaitEnd()).asString().isEqualTo("e");
            assertThat(other.awaitText(5)).isEqualTo("other");
            assertThat(other.hasNext()).isFalse();
        }
    }

    @Test
    void endsAStreamWithItsHead() throws Exception {
        try (var client = connect()) {
            var stream = client.open();
            stream.headers(H2Frame.END_HEADERS | H2Frame.END_STREAM, H2Bytes.block(head("/short")));
            assertThat(stream.awaitStatus()).isEqualTo(200);
            assertThat(stream.awaitEnd()).isEmpty();
        }
    }

    @Test
    void sendsABlockInPieces() throws Exception {
        try (var client = connect()) {
            var stream = client.stream(5);
            var block = H2Bytes.block(head("/" + "p".repeat(400)));
            client.send(H2Bytes.headersInPieces(5, 0, block, 40));
            assertThat(stream.awaitHead().fields().first("path").orElseThrow()).hasSize(401);
        }
    }

    @Test
    void sendsPaddingAndPriority() throws Exception {
        try (var client = connect()) {
            var stream = client.stream(1);
            client.send(H2Bytes.priority(3, 1));
            stream.headers(
                    H2Frame.END_HEADERS | H2Frame.PADDED | H2Frame.PRIORITIZED,
                    H2Bytes.padded(
                            RawBytes.concat(
                                    H2Bytes.number(0), new byte[] {1}, H2Bytes.block(head("/"))),
                            7));
            stream.data(H2Frame.PADDED, H2Bytes.padded(RawBytes.latin1("hello"), 200));
            assertThat(stream.awaitStatus()).isEqualTo(200);
            assertThat(stream.awaitText(5)).isEqualTo("hello");
        }
    }

    @Test
    void resetsAndIsReset() throws Exception {
        try (var client = connect()) {
            assertThat(client.request(head("/reset")).awaitReset()).isEqualTo(0x0a);

            var stream = client.request(head("/"));
            assertThat(stream.awaitStatus()).isEqualTo(200);
            assertThat(seen()).isEqualTo("settings ack");
            stream.reset(0x08);
            assertThat(seen()).isEqualTo("reset 8");
        }
    }

    @Test
    void readsSettingsPingsAndGoAway() throws Exception {
        try (var client = connect()) {
            assertThat(client.awaitSettings()).containsEntry(0x03, H2EchoServer.MAX_STREAMS);
            client.settings(0x04, 100);
            client.awaitSettingsAcks(2);
            client.ping(0xfedc_ba98_7654_3210L);
            assertThat(client.awaitPingAck()).isEqualTo(0xfedc_ba98_7654_3210L);

            client.request(head("/goaway"));
            assertThat(client.awaitGoAway()).isEqualTo(new GoAway(1, 0x0b, "enough"));
        }
    }

    @Test
    void handsOnFramesItDoesNotKnow() throws Exception {
        try (var client = connect()) {
            client.request(head("/other"));
            var frame = client.awaitOther();
            assertThat(frame.type()).isEqualTo(0x2a);
            assertThat(frame.flags()).isEqualTo(5);
            assertThat(frame.streamId()).isEqualTo(1);
            assertThat(frame.payload()).containsExactly(1, 2);
        }
    }

    @Test
    void answersPingsAndSettingsUnlessToldNotTo() throws Exception {
        var silent = RawH2Options.STANDARD.without(Automatic.PING_ACK, Automatic.SETTINGS_ACK);
        try (var client = connect(silent)) {
            client.request(head("/ping"));
            assertThat(client.awaitPing()).isEqualTo(0x1234);
            client.automatic(Automatic.PING_ACK, true);
            client.request(head("/ping"));
            assertThat(seen()).isEqualTo("ping ack 1234");
            client.send(H2Bytes.settingsAck());
            assertThat(seen()).isEqualTo("settings ack");
        }
    }

    @Test
    void poursAsMuchAsTheWindowsLetIt() throws Exception {
        var content = new byte[1 << 20];
        new Random(42).nextBytes(content);
        try (var client = connect()) {
            var stream = client.request(head("/"));
            stream.pour(content);
            stream.finish();
            assertThat(stream.awaitStatus()).isEqualTo(200);
            assertThat(stream.awaitEnd()).isEqualTo(content);
            assertThat(client.windowUpdates()).isPositive();
            assertThat(stream.windowUpdates()).isPositive();
        }
    }

    @Test
    void keepsItsWindowsShutWhenToldTo() throws Exception {
        var content = new byte[INITIAL_WINDOW + 10];
        try (var client = connect(RawH2Options.STANDARD.without(Automatic.WINDOW_UPDATE))) {
            var stream = client.request(head("/"));
            stream.pour(content);
            assertThat(stream.awaitStatus()).isEqualTo(200);
            stream.awaitBytes(INITIAL_WINDOW);
            client.windowUpdate(100);
            client.ping(1);
            client.awaitPingAck();
            assertThat(stream.hasNext()).isFalse();
            stream.windowUpdate(4);
            stream.awaitBytes(4);
            client.ping(2);
            client.awaitPingAck();
            assertThat(stream.hasNext()).isFalse();
            stream.windowUpdate(100);
            stream.awaitBytes(6);
        }
    }

    @Test
    void readsNothingWhilePaused() throws Exception {
        try (var client = connect()) {
            client.awaitSettings();
            client.ping(0);
            client.awaitPingAck();
            client.pause();
            client.ping(1);
            client.ping(2);
            // On the one event loop this comes behind the answers to the pings.
            try (var other = connect()) {
                other.ping(3);
                assertThat(other.awaitPingAck()).isEqualTo(3);
            }
            assertThat(client.pingAcks()).isZero();
            client.resume();
            assertThat(client.awaitPingAck()).isEqualTo(1);
            assertThat(client.awaitPingAck()).isEqualTo(2);
        }
    }

    @Test
    void isToldOfEveryKindOfNonsense() throws Exception {
        assertThat(goAwayAfter(H2Bytes.frame(H2Frame.PING, 0, 1, new byte[8])))
                .isEqualTo(PROTOCOL_ERROR);
        assertThat(goAwayAfter(H2Bytes.header(1 << 20, H2Frame.DATA, 0, 1)))
                .isEqualTo(FRAME_SIZE_ERROR);
        assertThat(goAwayAfter(H2Bytes.headers(1, H2Frame.END_HEADERS, RawBytes.hex("ff8080"))))
                .isEqualTo(COMPRESSION_ERROR);
        assertThat(goAwayAfter(H2Bytes.continuation(1, H2Frame.END_HEADERS, new byte[0])))
                .isEqualTo(PROTOCOL_ERROR);
        assertThat(goAwayAfter(H2Bytes.windowUpdate(0, 0))).isEqualTo(PROTOCOL_ERROR);
        assertThat(goAwayAfter(H2Bytes.rst(9, 0))).isEqualTo(PROTOCOL_ERROR);
    }

    private long goAwayAfter(byte[] nonsense) throws Exception {
        try (var client = connect()) {
            client.awaitSettings();
            client.send(nonsense);
            long code = client.awaitGoAway().code();
            assertThat(client.awaitEnd()).isEqualTo(new TlsEnd.CloseNotify());
            assertThat(client.isOpen()).isFalse();
            assertThat(client.stream(1).next())
                    .isEqualTo(new RawH2Stream.Event.Gone(new TlsEnd.CloseNotify()));
            return code;
        }
    }

    @Test
    void startsAsItIsTold() throws Exception {
        try (var mute = connect(RawH2Options.STANDARD.opening(Opening.NOTHING))) {
            mute.send(RawBytes.latin1("GET / HTTP/1.1\r\n\r\n"));
            assertThat(mute.awaitGoAway().code()).isEqualTo(PROTOCOL_ERROR);
        }
        try (var hasty = connect(RawH2Options.STANDARD.opening(Opening.PREFACE))) {
            hasty.ping(1);
            assertThat(hasty.awaitGoAway().code()).isEqualTo(PROTOCOL_ERROR);
        }
        // ENABLE_PUSH is 0 or 1 (RFC 9113, section 6.5.2).
        try (var wrong = connect(RawH2Options.STANDARD.withSettings(0x02, 2))) {
            assertThat(wrong.awaitGoAway().code()).isEqualTo(PROTOCOL_ERROR);
        }
        try (var other = connect(RawH2Options.STANDARD.withAlpn("http/1.1"))) {
            assertThat(other.tls().alpn()).isEmpty();
        }
    }
}
