package org.masquerelay.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.observe.DropReason;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.H3Bytes;
import org.masquerelay.testkit.RawBytes;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.ResetCause;

/// RFC 9297, section 2, on a listener: what `H3DatagramsTest` does not show of QUIC datagrams.
@Timeout(60)
final class DatagramConformanceTest {
    private static final byte[] PING = "ping".getBytes(UTF_8);

    private TestFront front;

    @BeforeEach
    void open() throws Exception {
        front = TestFront.open(TestFront.Limits.WIDE, ScriptedService.Answer.LATER);
    }

    @AfterEach
    void close() {
        front.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    @Test
    @DisplayName("R1 2: a datagram for a GET request resets its stream with H3_DATAGRAM_ERROR")
    void resetsAPlainRequest() throws Exception {
        try (var client = front.connect()) {
            client.peerSettings();
            var stream =
                    client.request(
                            ":method", "GET", ":scheme", "https", ":authority", "a", ":path", "/");
            client.datagram(H3Bytes.udpDatagram(stream.id(), PING));
            assertThat(stream.resetCode()).isEqualTo(ResetCause.DATAGRAM_ERROR.h3Code());
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    @DisplayName("R1 2.1: no datagram is sent once our side of the stream is closed")
    void sendsNothingBehindItsFin() throws Exception {
        try (var client = front.connect()) {
            client.peerSettings();
            var stream = client.request(Heads.udp());
            var exchange = front.service().next();
            exchange.eventLoop()
                    .execute(() -> {
                        var tunnel = exchange.accept(HeaderFields.NONE);
                        tunnel.write(Unpooled.copiedBuffer(PING));
                        tunnel.finish();
                        tunnel.write(Unpooled.copiedBuffer("late".getBytes(UTF_8)));
                    });
            assertThat(stream.status()).isEqualTo(200);
            assertThat(stream.rest()).isEmpty();
            assertThat(client.nextDatagram()).endsWith(PING);
            assertOtherTunnelEchoes(client);
        }
    }

    /// A datagram that was sent before would have come before.
    private void assertOtherTunnelEchoes(RawH3Client client) throws Exception {
        var other = client.request(Heads.udp());
        front.service().acceptLater(front.service().next());
        assertThat(other.status()).isEqualTo(200);
        client.datagram(H3Bytes.udpDatagram(other.id(), PING));
        assertThat(client.nextDatagram()).startsWith((int) other.id() / 4, 0).endsWith(PING);
    }

    @Test
    @DisplayName("R1 3.5, R2 6.1: what is too long for a QUIC datagram is dropped, never a capsule")
    void dropsWhatIsTooLongForADatagram() throws Exception {
        try (var client = front.connect()) {
            client.peerSettings();
            var stream = client.request(Heads.udp());
            front.service().acceptLater(front.service().next());
            assertThat(stream.status()).isEqualTo(200);
            stream.data(CapsuleBytes.udp(new byte[5000]));
            Await.until("a drop", () -> front.listener().drops(DropReason.TOO_LARGE) == 1);
            stream.data(CapsuleBytes.udp(PING));
            assertThat(client.nextDatagram()).endsWith(PING);
            stream.fin();
            assertThat(stream.rest()).isEmpty();
        }
    }

    @Test
    @DisplayName("R1 2.1.1: no QUIC datagram is sent before the peer's SETTINGS, capsules are")
    void waitsForSettings() throws Exception {
        try (var client = RawH3Client.connectMute(front.address(), TestFront.clientTls())) {
            client.bidirectional(
                    H3Bytes.headers(Heads.udp()), H3Bytes.data(CapsuleBytes.udp(PING)));
            front.service().acceptLater(front.service().next());
            client.bidirectional(H3Bytes.headers(Heads.udp()));
            var second = front.service().next();
            assertThat(client.hasDatagram()).isFalse();

            client.unidirectional(H3Bytes.controlStream(0x33, 1));
            front.service().acceptLater(second);
            // Until the SETTINGS have been read the datagram is answered with a capsule.
            Await.until(
                    "a datagram",
                    () -> {
                        client.datagram(H3Bytes.udpDatagram(4, "now".getBytes(UTF_8)));
                        return client.hasDatagram();
                    });
            // The first tunnel may have been answered only now, with a datagram as well.
            var now = RawBytes.concat(new byte[] {1, 0}, "now".getBytes(UTF_8));
            var first = client.nextDatagram();
            assertThat(first[0] == 0 ? client.nextDatagram() : first).isEqualTo(now);
        }
    }
}
