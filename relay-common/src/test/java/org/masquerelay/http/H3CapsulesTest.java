package org.masquerelay.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.testkit.H3Bytes;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.testkit.RawH3Stream;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;

/// Capsules on UDP tunnels, of a client that announces no HTTP Datagrams.
@Timeout(60)
final class H3CapsulesTest {
    private static TestFront front;
    private static RawH3Client client;

    @BeforeAll
    static void open() throws Exception {
        front = TestFront.echoing();
        client =
                RawH3Client.connect(
                        front.address(),
                        TestFront.clientTls(),
                        ConnectionSettings.STANDARD,
                        new Http3Settings().qpackMaxTableCapacity(0).qpackBlockedStreams(0));
    }

    @AfterAll
    static void close() {
        client.close();
        front.close();
        LeakPresenceDetector.check();
    }

    private static RawH3Stream tunnel() throws Exception {
        var stream = client.request(Heads.udp());
        assertThat(stream.status()).isEqualTo(200);
        front.service().next();
        return stream;
    }

    private static void assertEchoes(RawH3Stream stream) throws Exception {
        stream.data(ByteBufUtil.getBytes(H3Bytes.udpCapsule("ping".getBytes(UTF_8))));
        assertThat(stream.bytes(7)).containsExactly(0, 5, 0, 'p', 'i', 'n', 'g');
    }

    @Test
    void carriesDatagramsAsCapsulesBothWays() throws Exception {
        assertEchoes(tunnel());
        assertThat(client.hasDatagram()).isFalse();
    }

    @Test
    void carriesSeveralCapsulesOfOneFrameInOrder() throws Exception {
        var stream = tunnel();
        stream.send(
                H3Bytes.frame(0, H3Bytes.hex("000600" + "68656c6c6f" + "000600" + "776f726c64")));
        assertThat(stream.text(16)).isEqualTo("\0\6\0hello\0\6\0world");
    }

    @Test
    void carriesAnEmptyPayload() throws Exception {
        var stream = tunnel();
        stream.send(H3Bytes.frame(0, H3Bytes.hex("000100")));
        assertThat(stream.bytes(3)).containsExactly(0, 1, 0);
    }

    @Test
    void readsCapsulesThatFramesCutAnywhere() throws Exception {
        var stream = tunnel();
        for (byte b : ByteBufUtil.decodeHexDump("8000133703aabbcc" + "00050070696e67")) {
            stream.data(new byte[] {b});
        }
        assertThat(stream.bytes(7)).containsExactly(0, 5, 0, 'p', 'i', 'n', 'g');
        assertThat(front.listener().unknownCapsules()).contains(0x1337L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1700", "4040020102", "80cafe0d0400010203", "01080001020304050607", "2a00"})
    void skipsUnknownCapsules(String capsule) throws Exception {
        var stream = tunnel();
        stream.send(H3Bytes.frame(0, H3Bytes.hex(capsule)));
        assertEchoes(stream);
    }

    // RFC 9297, section 3.3: a message that ends within a capsule is malformed.
    @ParameterizedTest
    @ValueSource(strings = {"00", "0008", "0008a1a2a3a4", "40", "2a05aabb"})
    void resetsAStreamThatEndsWithinACapsule(String bytes) throws Exception {
        var stream = tunnel();
        stream.send(H3Bytes.frame(0, H3Bytes.hex(bytes)));
        stream.fin();
        assertThat(stream.resetCode()).isEqualTo(ResetCause.MESSAGE_ERROR.h3Code());
    }

    // RFC 9298, section 5: 65527 bytes is the longest UDP payload.
    @Test
    void carriesNoPayloadThatUdpCannot() throws Exception {
        var stream = tunnel();
        stream.data(ByteBufUtil.getBytes(H3Bytes.udpCapsule(new byte[65528])));
        assertThat(stream.resetCode()).isEqualTo(ResetCause.DATAGRAM_ERROR.h3Code());
    }

    @Test
    void carriesTheLongestPayload() throws Exception {
        var stream = tunnel();
        stream.data(ByteBufUtil.getBytes(H3Bytes.udpCapsule(new byte[65527])));
        assertThat(stream.bytes(6 + 65527)).startsWith(0, 0x80, 0, 0xff, 0xf8, 0);
    }

    @Test
    void resetsOnADatagramOfTwoToTheFortyBytes() throws Exception {
        var stream = tunnel();
        stream.send(H3Bytes.frame(0, H3Bytes.hex("00c000010000000000")));
        stream.data(new byte[64 * 1024]);
        assertThat(stream.resetCode()).isEqualTo(ResetCause.DATAGRAM_ERROR.h3Code());
        assertEchoes(tunnel());
    }

    // RFC 9114, section 4.4: only DATA frames follow the head of a tunnel.
    @Test
    void resetsOnTrailers() throws Exception {
        var stream = tunnel();
        stream.send(H3Bytes.headers("trailer", "1"));
        assertThat(stream.resetCode()).isEqualTo(ResetCause.FRAME_UNEXPECTED.h3Code());
    }

    @Test
    void skipsFramesOfUnknownTypes() throws Exception {
        var stream = tunnel();
        stream.send(H3Bytes.frame(0x1f * 5 + 0x21, Unpooled.wrappedBuffer(new byte[100])));
        assertEchoes(stream);
    }

    @Test
    void endsWhenTheClientResets() throws Exception {
        var stream = tunnel();
        assertEchoes(stream);
        front.service().forgetEnds();
        stream.reset(0x10c);
        assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
    }
}
