package org.masquerelay.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.http.TestFront.Limits;
import org.masquerelay.observe.DropReason;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.H3Bytes;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.testkit.RawH3Stream;

/// QUIC datagrams of UDP tunnels, good and bad.
@Timeout(60)
final class H3DatagramsTest {
    private static final int H3_DATAGRAM_ERROR = 0x33;
    private static final int H3_ID_ERROR = 0x108;
    private static final byte[] PING = "ping".getBytes(UTF_8);

    private TestFront front;
    private RawH3Client client;

    @BeforeEach
    void open() throws Exception {
        front = TestFront.echoing();
        client = front.connect();
        client.peerSettings();
    }

    @AfterEach
    void close() {
        client.close();
        front.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private CountingListener listener() {
        return front.listener();
    }

    private RawH3Stream tunnel() throws Exception {
        var stream = client.request(Heads.udp());
        assertThat(stream.status()).isEqualTo(200);
        return stream;
    }

    private void assertEchoes(RawH3Stream stream) throws Exception {
        client.datagram(H3Bytes.udpDatagram(stream.id(), PING));
        assertThat(client.nextDatagram())
                .isEqualTo(ByteBufUtil.getBytes(H3Bytes.udpDatagram(stream.id(), PING)));
    }

    private void assertDropped(DropReason reason) {
        Await.until("a drop", () -> listener().dropped() > 0);
        assertThat(listener().drops(reason)).isOne();
        assertThat(client.hasDatagram()).isFalse();
    }

    @Test
    void carriesDatagramsOfSeveralTunnelsApart() throws Exception {
        var one = tunnel();
        var two = tunnel();
        assertEchoes(two);
        assertEchoes(one);
        assertThat(listener().dropped()).isZero();
    }

    @Test
    @DisplayName("R2 5: an empty payload travels as a QUIC datagram")
    void carriesAnEmptyPayload() throws Exception {
        var stream = tunnel();
        client.datagram(H3Bytes.udpDatagram(stream.id(), new byte[0]));
        assertThat(client.nextDatagram()).containsExactly((int) stream.id() / 4, 0);
    }

    @Test
    @DisplayName("R1 2.1: a quarter stream ID that is longer than needed is stripped whole")
    void acceptsIntegersThatAreLongerThanNeeded() throws Exception {
        var stream = tunnel();
        assertThat(stream.id()).isZero();
        client.datagram(H3Bytes.hex("c000000000000000" + "80000000" + "aabb"));
        assertThat(client.nextDatagram()).containsExactly(0, 0, 0xaa, 0xbb);
    }

    // RFC 9298, section 4: what a context means is for the ends to know.
    @ParameterizedTest
    @ValueSource(strings = {"0001aabb", "004040aabb", "00c000000000000001"})
    void carriesOtherContexts(String datagram) throws Exception {
        var stream = tunnel();
        client.datagram(H3Bytes.hex(datagram));
        assertThat(client.nextDatagram()).isEqualTo(ByteBufUtil.decodeHexDump(datagram));
        assertEchoes(stream);
    }

    @ParameterizedTest(name = "R2 5: a datagram without a whole context is dropped: {0}")
    @ValueSource(strings = {"00", "0040", "00c00000"})
    void dropsADatagramThatEndsWithinItsContextId(String datagram) throws Exception {
        var stream = tunnel();
        client.datagram(H3Bytes.hex(datagram));
        assertDropped(DropReason.MALFORMED);
        assertEchoes(stream);
    }

    // RFC 9297, section 2.1: too short for the quarter stream ID, or an ID above 2^60 - 1.
    @ParameterizedTest(
            name =
                    "R1 2.1: H3_DATAGRAM_ERROR on a quarter stream ID that is cut or above 2^60 - 1: {0}")
    @ValueSource(strings = {"40", "8000", "c0000000", "ffffffffffffffff", "d000000000000000"})
    void closesTheConnectionOnAMalformedQuarterStreamId(String datagram) throws Exception {
        client.datagram(H3Bytes.hex(datagram));
        assertThat(client.closeCode()).isEqualTo(H3_DATAGRAM_ERROR);
    }

    // RFC 9297, section 2.1: an ID of a stream that the client was never allowed to open.
    @Test
    @DisplayName("R1 2.1: H3_ID_ERROR on a stream above MAX_STREAMS")
    void closesTheConnectionOnAStreamBeyondTheCredit() throws Exception {
        long streams = Limits.WIDE.connection().maxStreams();
        client.datagram(H3Bytes.udpDatagram(streams * 4, PING));
        assertThat(client.closeCode()).isEqualTo(H3_ID_ERROR);
    }

    @Test
    void holdsTheLastDatagramWithinTheCredit() throws Exception {
        long streams = Limits.WIDE.connection().maxStreams();
        client.datagram(H3Bytes.udpDatagram((streams - 1) * 4, PING));
        assertEchoes(tunnel());
    }

    @Test
    void countsOrdinaryRequestsAsUsedCredit() throws Exception {
        try (var narrow = TestFront.open(Limits.ofStreams(4), ScriptedService.Answer.AT_ONCE);
                var impatient = narrow.connect()) {
            for (int i = 0; i < 12; i++) {
                var request =
                        impatient.request(
                                ":method",
                                "GET",
                                ":scheme",
                                "https",
                                ":authority",
                                "a",
                                ":path",
                                "/");
                request.fin();
                assertThat(request.status()).isEqualTo(200);
                request.rest();
            }
            impatient.datagram(H3Bytes.udpDatagram(12 * 4, PING));
            var stream = impatient.request(Heads.udp());
            assertThat(stream.id()).isEqualTo(12 * 4);
            assertThat(stream.status()).isEqualTo(200);
            assertThat(impatient.nextDatagram()).startsWith(12, 0).endsWith(PING);
        }
    }

    @Test
    @DisplayName("R1 2.1: datagrams that overtook their request are delivered")
    void deliversDatagramsThatOvertookTheirRequest() throws Exception {
        var stream = client.open();
        client.datagram(H3Bytes.udpDatagram(stream.id(), "one".getBytes(UTF_8)));
        client.datagram(H3Bytes.udpDatagram(stream.id(), "two".getBytes(UTF_8)));
        stream.send(H3Bytes.headers(Heads.udp()));
        assertThat(stream.status()).isEqualTo(200);
        assertThat(client.nextDatagram()).endsWith("one".getBytes(UTF_8));
        assertThat(client.nextDatagram()).endsWith("two".getBytes(UTF_8));
    }

    @Test
    @DisplayName("R1 2.1: datagrams of streams that do not exist are held within a cap")
    void holdsFewDatagramsForStreamsThatAreNeverOpened() throws Exception {
        for (int i = 0; i < 100; i++) {
            client.datagram(H3Bytes.udpDatagram(4L * (100 + i), PING));
        }
        Await.until("drops", () -> listener().drops(DropReason.EARLY_OVERFLOW) == 100 - 16);
        assertEchoes(tunnel());
    }

    @Test
    @DisplayName("R1 2: a datagram for a classic CONNECT resets its stream")
    void resetsATcpTunnelThatDatagramsComeFor() throws Exception {
        var stream = client.request(Heads.tcp());
        assertThat(stream.status()).isEqualTo(200);
        client.datagram(H3Bytes.udpDatagram(stream.id(), PING));
        assertThat(stream.resetCode()).isEqualTo(0x33);
    }

    // RFC 9297, section 2.1: no datagrams once the sending side of the stream is closed.
    @Test
    @DisplayName("R1 2.1: datagrams after FIN are dropped and counted")
    void dropsDatagramsAfterFin() throws Exception {
        var stream = tunnel();
        stream.fin();
        assertThat(stream.rest()).isEmpty();
        client.datagram(H3Bytes.udpDatagram(stream.id(), PING));
        assertDropped(DropReason.NO_STREAM);
    }

    @Test
    void dropsDatagramsOfARefusedRequest() throws Exception {
        var stream = client.request(Heads.udpPath("/nowhere"));
        assertThat(stream.status()).isEqualTo(404);
        client.datagram(H3Bytes.udpDatagram(stream.id(), PING));
        assertEchoes(tunnel());
        assertThat(client.hasDatagram()).isFalse();
    }
}
