package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
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
import org.masquerelay.testkit.RawH2Options;
import org.masquerelay.testkit.RawH2Options.Automatic;
import org.masquerelay.testkit.RawH2Stream;

/// Clients of HTTP/2 that make the relay keep more than they send, beside a tunnel of somebody
/// else.
@Timeout(60)
final class H2HoardTest {
    private static final long ENHANCE_YOUR_CALM = 0xb;
    private static final long HUGE_WINDOW = Integer.MAX_VALUE;
    private static final int UNKNOWN_TYPE = 0xfa;

    /// The queue of one tunnel towards its client (see [H2MessageStream]) and what one write may go
    /// beyond it.
    private static final long QUEUED_PER_TUNNEL = 640 * 1024;

    /// What sockets and TLS hold of a connection.
    private static final long IN_SOCKETS = 16L << 20;

    private AbuseFront front;
    private HealthyTunnel healthy;

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

    // CVE-2019-9517: the windows are as large as they can be, and nothing is read.
    @Test
    @DisplayName(
            "R4 9113 5.2: window bloat: targets are slowed, and the queue of each tunnel is bounded")
    void windowBloat() throws Exception {
        int tunnels = 20;
        var options =
                RawH2Options.STANDARD
                        .withSettings(0x2, 0, 0x4, HUGE_WINDOW)
                        .without(Automatic.WINDOW_UPDATE);
        healthy.keepsItsPaceBeside(() -> {
            long before = front.service().sent();
            try (var client = front.connectH2(options)) {
                client.awaitSettings();
                client.pause();
                client.windowUpdate(HUGE_WINDOW - 65_535);
                for (int i = 0; i < tunnels; i++) {
                    client.request(AbuseFront.connect(AbuseService.FOUNTAIN));
                }
                Await.until("open", () -> front.service().open() == tunnels + 1);
                assertThat(awaitStandstill() - before)
                        .isLessThan(tunnels * QUEUED_PER_TUNNEL + IN_SOCKETS);
                assertThat(client.isOpen()).isTrue();
                client.resume();
            }
            front.awaitTunnels(1);
        });
    }

    /// How much the fountains have sent once they send no more.
    private long awaitStandstill() {
        long last = -1;
        while (front.service().sent() != last) {
            last = front.service().sent();
            LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
        }
        return last;
    }

    // CVE-2019-9511: each update lets one byte through.
    @Test
    @DisplayName("WINDOW_UPDATEs of one byte")
    void tinyWindowUpdates() throws Exception {
        var options =
                RawH2Options.STANDARD.withSettings(0x2, 0, 0x4, 0).without(Automatic.WINDOW_UPDATE);
        var updates = new ByteArrayOutputStream();
        for (int i = 0; i < 500; i++) {
            updates.writeBytes(H2Bytes.windowUpdate(1, 1));
        }
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH2(options)) {
                client.awaitSettingsAcks(1);
                var stream = client.request(AbuseFront.connect(AbuseService.FOUNTAIN));
                assertThat(stream.awaitStatus()).isEqualTo(200);
                for (int i = 0; i < 40; i++) {
                    client.send(updates.toByteArray());
                    stream.awaitBytes(500);
                }
            }
            front.awaitTunnels(1);
        });
    }

    @Test
    @DisplayName("DATA frames of one byte to a target that does not read")
    void smallFramesForATargetThatDoesNotRead() throws Exception {
        var frames = new ByteArrayOutputStream();
        for (int i = 0; i < 1000; i++) {
            frames.writeBytes(H2Bytes.data(1, 0, new byte[1]));
        }
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH2()) {
                client.send(head(1, AbuseService.WALL));
                for (int i = 0; i < 16; i++) {
                    client.send(frames.toByteArray());
                }
                client.ping(1);
                assertThat(client.awaitPingAck()).isEqualTo(1);
                client.send(frames.toByteArray());
                assertThat(client.awaitGoAway().code()).isEqualTo(ENHANCE_YOUR_CALM);
                client.awaitEnd();
            }
        });
    }

    // What waits must not keep the rest of what was read with it.
    @Test
    @DisplayName("small DATA frames between large frames that are ignored")
    void smallFramesBetweenLargeOnes() throws Exception {
        var pair =
                RawBytes.concat(
                        H2Bytes.data(1, 0, new byte[300]),
                        H2Bytes.frame(UNKNOWN_TYPE, 0, 0, new byte[16_000]));
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH2()) {
                client.send(head(1, AbuseService.WALL));
                client.awaitSettings(); // The window is that of our acknowledgement, and later.
                client.ping(0);
                assertThat(client.awaitPingAck()).isZero();
                for (int i = 0; i < 3000; i++) { // 1 MB of DATA, 48 MB of the other.
                    client.send(pair);
                }
                client.ping(1);
                assertThat(client.awaitPingAck()).isEqualTo(1);
                assertThat(HealthyTunnel.usedDirect()).isLessThan(64L << 20);
            }
            front.awaitTunnels(1);
        });
    }

    // No window bounds them.
    @Test
    @DisplayName("frames of unknown types to a target that does not read")
    void unknownFramesForATargetThatDoesNotRead() throws Exception {
        var frame = H2Bytes.frame(UNKNOWN_TYPE, 0, 1, new byte[16_384]);
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH2()) {
                client.send(head(1, AbuseService.WALL));
                for (int i = 0; i < 4000; i++) { // 64 MB
                    client.send(frame);
                }
                client.ping(1);
                assertThat(client.awaitPingAck()).isEqualTo(1);
                assertThat(HealthyTunnel.usedDirect()).isLessThan(64L << 20);
            }
            front.awaitTunnels(1);
        });
    }

    // CVE-2016-6581: one byte for each copy of what the dynamic table holds.
    @Test
    @DisplayName("HPACK bomb")
    void hpackBomb() throws Exception {
        var indexed = new byte[16_000];
        Arrays.fill(indexed, (byte) 0xbe); // RFC 7541, section 6.1: the newest entry.
        var value = new ByteArrayOutputStream();
        value.writeBytes(H2Bytes.block("x", "y".repeat(3900)));
        var literal = value.toByteArray();
        literal[0] = 0x40; // Section 6.2.1: with incremental indexing.
        var block = RawBytes.concat(H2Bytes.block(AbuseFront.connect(AbuseService.ECHO)), literal);
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH2()) {
                for (int i = 0; i < 10 && client.isOpen(); i++) {
                    var stream = client.open();
                    stream.headers(0, block);
                    client.send(H2Bytes.continuation(stream.id(), H2Frame.END_HEADERS, indexed));
                    // Refused, or so far above the limit that the connection is over.
                    if (stream.next() instanceof RawH2Stream.Event.Head head) {
                        assertThat(head.status()).isEqualTo(431);
                    }
                }
            } catch (IOException _) {
                // Closed.
            }
        });
    }

    @Test
    @DisplayName("a field section above 32 KiB, and more than 100 fields: 431, and others go on")
    void largeHeads() throws Exception {
        var many = new String[2 * 101];
        Arrays.fill(many, "x");
        healthy.keepsItsPaceBeside(() -> {
            try (var client = front.connectH2()) {
                var large = client.open();
                client.send(
                        H2Bytes.headersInPieces(
                                large.id(),
                                0,
                                H2Bytes.block(
                                        AbuseFront.connect(
                                                AbuseService.ECHO, "x", "y".repeat(33 << 10))),
                                16_384));
                assertThat(large.awaitStatus()).isEqualTo(431);
                var crowded = client.request(AbuseFront.connect(AbuseService.ECHO, many));
                assertThat(crowded.awaitStatus()).isEqualTo(431);
                assertServes(client);
            }
            front.awaitTunnels(1);
        });
    }

    private static void assertServes(RawH2Client client) throws Exception {
        var stream = client.request(AbuseFront.connect(AbuseService.ECHO));
        assertThat(stream.awaitStatus()).isEqualTo(200);
        stream.data("hello");
        assertThat(stream.awaitText(5)).isEqualTo("hello");
        stream.finish();
        assertThat(stream.awaitEnd()).isEmpty();
    }
}
