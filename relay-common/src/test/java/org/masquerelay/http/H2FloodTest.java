package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.H2Bytes;
import org.masquerelay.testkit.H2Frame;
import org.masquerelay.testkit.RawBytes;
import org.masquerelay.testkit.RawH2Client;

/// Frames that cost an HTTP/2 server more than the client that sends them (RFC 9113, section 10.5),
/// beside a tunnel of somebody else.
@Timeout(60)
final class H2FloodTest {
    private static final long ENHANCE_YOUR_CALM = 0xb;
    private static final long PROTOCOL_ERROR = 0x1;
    private static final long PROBE = -1;
    private static final int CANCEL = 0x8;

    /// What one attack sends at most. None of the limits is anywhere near.
    private static final int MAX_FRAMES = 20_000;

    private AbuseFront front;
    private HealthyTunnel healthy;

    /// The next frames of a flood, of which the first is number 0.
    private interface Frames extends IntFunction<byte[]> {}

    @BeforeEach
    void open() throws Exception {
        front = AbuseFront.open();
        healthy = HealthyTunnel.overH2(front);
    }

    @AfterEach
    void close() throws Exception {
        front.awaitTunnels(1);
        healthy.close();
        front.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private static byte[] head(int streamId, String target) {
        return H2Bytes.headers(
                streamId, H2Frame.END_HEADERS, H2Bytes.block(AbuseFront.connect(target)));
    }

    /// A stream of its own for each number.
    private static int stream(int number) {
        return 2 * number + 1;
    }

    private static byte[] frames(Frames frames, int from, int to) {
        var all = new ByteArrayOutputStream();
        for (int i = from; i < to; i++) {
            all.writeBytes(frames.apply(i));
        }
        return all.toByteArray();
    }

    /// Sends frames until the connection is closed.
    private static void flood(RawH2Client client, Frames frames) throws Exception {
        try {
            for (int i = 0; i < MAX_FRAMES && client.isOpen(); i += 100) {
                client.send(frames(frames, i, i + 100));
            }
        } catch (IOException _) {
            // Closed.
        }
        Await.until("the hostile connection is gone", () -> !client.isOpen());
    }

    /// A flood of these frames ends its connection and disturbs no other. The frame with number
    /// `limit` is the first one too many; it is answered with GOAWAY and a code.
    private void isCutOff(Frames frames, int limit) throws Exception {
        isCutOff(frames, limit, 0);
    }

    private void isCutOff(Frames frames, int limit, int fewer) throws Exception {
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH2()) {
                flood(client, frames);
            }
        });
        front.awaitTunnels(1);
        try (var client = front.connectH2()) {
            client.send(frames(frames, 0, limit - fewer));
            client.ping(PROBE);
            while (client.awaitPingAck() != PROBE) {
                // Those of the flood come first.
            }
            client.send(frames(frames, limit - fewer, limit + 1));
            assertThat(client.awaitGoAway().code()).isEqualTo(ENHANCE_YOUR_CALM);
            client.awaitEnd();
        }
    }

    // CVE-2023-44487
    @Test
    @DisplayName("R4 9113 10.5: rapid reset")
    void rapidReset() throws Exception {
        isCutOff(
                i ->
                        RawBytes.concat(
                                head(stream(i), AbuseService.ECHO), H2Bytes.rst(stream(i), CANCEL)),
                4 * 512);
    }

    @Test
    @DisplayName("R4 9113 10.5: rapid reset of tunnels that are being opened")
    void rapidResetOfTunnelsThatAreBeingOpened() throws Exception {
        isCutOff(
                i ->
                        RawBytes.concat(
                                head(stream(i), AbuseService.SILENCE),
                                H2Bytes.rst(stream(i), CANCEL)),
                4 * 512);
    }

    private static byte[] rapidResets(int from, int to) {
        return frames(
                i ->
                        RawBytes.concat(
                                head(stream(i), AbuseService.ECHO), H2Bytes.rst(stream(i), CANCEL)),
                from,
                to);
    }

    @Test
    void anEndUserWithACertificateHasNoMoreResetsThanOthers() throws Exception {
        try (var own = AbuseFront.openWantingCertificates();
                var client = own.connectH2WithCertificate()) {
            client.send(rapidResets(0, 4 * 512 + 1));
            assertThat(client.awaitGoAway().code()).isEqualTo(ENHANCE_YOUR_CALM);
            client.awaitEnd();
        }
    }

    @Test
    void aRelayMayResetTheStreamsOfManyClients() throws Exception {
        try (var own = AbuseFront.openWantingCertificates()) {
            own.service().trustRelays();
            try (var client = own.connectH2WithCertificate()) {
                client.send(rapidResets(0, 4 * 512 + 1));
                client.ping(PROBE);
                assertThat(client.awaitPingAck()).isEqualTo(PROBE);
            }
        }
    }

    // CVE-2025-8671: the server is made to send the resets.
    @Test
    @DisplayName("made you reset")
    void madeYouReset() throws Exception {
        isCutOff(
                i ->
                        RawBytes.concat(
                                head(stream(i), AbuseService.ECHO),
                                H2Bytes.windowUpdate(stream(i), 0)),
                1000);
    }

    // CVE-2019-9512. The client's SETTINGS and their acknowledgement count as well, and so does the
    // PING of the test.
    @Test
    @DisplayName("PING flood")
    void pings() throws Exception {
        isCutOff(i -> H2Bytes.ping(0, i), 200, 4);
    }

    @Test
    @DisplayName("flood of PING acknowledgements")
    void pingAcks() throws Exception {
        isCutOff(i -> H2Bytes.ping(H2Frame.ACK, i), 200, 4);
    }

    // CVE-2019-9515
    @Test
    @DisplayName("SETTINGS flood")
    void settings() throws Exception {
        isCutOff(i -> H2Bytes.settings(0x4, 65_535 + i), 200, 4);
    }

    // CVE-2019-9513
    @Test
    @DisplayName("PRIORITY flood")
    void priorities() throws Exception {
        isCutOff(i -> H2Bytes.priority(stream(i % 100), i % 2 * 201), 200, 4);
    }

    // CVE-2019-9518
    @Test
    @DisplayName("flood of empty DATA")
    void emptyData() throws Exception {
        isCutOff(i -> i == 0 ? head(1, AbuseService.ECHO) : H2Bytes.data(1, 0, new byte[0]), 65);
    }

    @Test
    @DisplayName("flood of DATA that is padding only")
    void emptyPaddedData() throws Exception {
        isCutOff(
                i ->
                        i == 0
                                ? head(1, AbuseService.ECHO)
                                : H2Bytes.data(1, H2Frame.PADDED, H2Bytes.padded(new byte[0], 200)),
                65);
    }

    // CVE-2024-27983 and its like: a field section that never ends.
    @Test
    @DisplayName("CONTINUATION flood of small frames")
    void smallContinuations() throws Exception {
        Frames frames =
                i ->
                        i == 0
                                ? H2Bytes.headers(1, 0, H2Bytes.block(":method", "CONNECT"))
                                : H2Bytes.continuation(1, 0, new byte[] {0});
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH2()) {
                flood(client, frames);
            }
        });
        try (var client = front.connectH2()) {
            client.send(frames(frames, 0, 18));
            assertThat(client.awaitGoAway().code()).isEqualTo(ENHANCE_YOUR_CALM);
            client.awaitEnd();
        }
    }

    @Test
    @DisplayName("CONTINUATION flood of large frames")
    void largeContinuations() throws Exception {
        var field = H2Bytes.block("x", "y".repeat(16_000));
        Frames frames =
                i -> i == 0 ? H2Bytes.headers(1, 0, field) : H2Bytes.continuation(1, 0, field);
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH2()) {
                flood(client, frames);
            }
        });
        try (var client = front.connectH2()) {
            client.send(frames(frames, 0, 4));
            assertThat(client.awaitGoAway().code()).isEqualTo(PROTOCOL_ERROR);
            client.awaitEnd();
        }
    }

    @Test
    @DisplayName("requests garbled one after the other")
    void garbledRequests() throws Exception {
        isCutOff(
                i ->
                        H2Bytes.headers(
                                stream(i),
                                H2Frame.END_HEADERS | H2Frame.END_STREAM,
                                H2Bytes.block(":method", "GET", "UPPER", "case")),
                4 * 512);
    }
}
