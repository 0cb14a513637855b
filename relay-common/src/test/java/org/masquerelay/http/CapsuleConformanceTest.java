package org.masquerelay.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.testkit.WireRequest.udp;

import io.netty.buffer.ByteBufUtil;
import io.netty.util.LeakPresenceDetector;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.capsule.CapsulePolicy.Unknown;
import org.masquerelay.http.ScriptedService.Answer;
import org.masquerelay.observe.DropReason;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.Wire;
import org.masquerelay.testkit.WireExchange;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;

/// RFC 9297, section 3, on a listener: capsules over every HTTP version.
@Timeout(60)
@ParameterizedClass(name = "{0}")
@EnumSource(HttpVersion.class)
final class CapsuleConformanceTest {
    private static TestFront front;

    private final Wire wire;

    CapsuleConformanceTest(HttpVersion version) {
        wire = front.wire(version);
    }

    @BeforeAll
    static void open() throws Exception {
        front = TestFront.echoing();
    }

    @AfterEach
    void disconnect() {
        wire.close();
    }

    @AfterAll
    static void close() {
        front.close();
        LeakPresenceDetector.check();
    }

    private static byte[] hex(String digits) {
        return ByteBufUtil.decodeHexDump(digits);
    }

    private WireExchange tunnel() throws Exception {
        var tunnel = wire.ask(udp("target.test", 7));
        assertThat(tunnel.status()).isEqualTo(wire.opened());
        return tunnel;
    }

    private static void assertEchoes(WireExchange tunnel, String text) throws Exception {
        tunnel.send(CapsuleBytes.udp(text.getBytes(UTF_8)));
        assertThat(tunnel.capsule().datagram().payload()).asString(UTF_8).isEqualTo(text);
    }

    @Test
    @DisplayName("R1 3.1: two capsules, one byte at a time, are the same two capsules")
    void readsCapsulesCutAnywhere() throws Exception {
        var tunnel = tunnel();
        for (byte octet : hex("000600" + "68656c6c6f" + "400040020041")) {
            tunnel.send(new byte[] {octet});
        }
        assertThat(tunnel.capsule().datagram().payload()).asString(UTF_8).isEqualTo("hello");
        assertThat(tunnel.capsule().datagram().payload()).asString(UTF_8).isEqualTo("A");
    }

    @Test
    @DisplayName("case 83: two capsules of one write come back as two capsules in order")
    void carriesTwoCapsulesOfOneWrite() throws Exception {
        var tunnel = tunnel();
        tunnel.send(hex("000600" + "68656c6c6f" + "000600" + "776f726c64"));
        assertThat(tunnel.bytes(16)).asString(UTF_8).isEqualTo("\0\6\0hello\0\6\0world");
    }

    @ParameterizedTest(name = "R1 3.2: unknown capsule {0} is skipped, the next is read")
    @ValueSource(strings = {"453901aa", "2a00", "80cafe0d0400010203", "01080001020304050607"})
    void skipsUnknownCapsules(String capsule) throws Exception {
        var tunnel = tunnel();
        tunnel.send(hex(capsule));
        assertEchoes(tunnel, "next");
    }

    @ParameterizedTest(name = "R1 3.2: reserved capsule type 0x29 * {0} + 0x17 is skipped")
    @ValueSource(longs = {0, 1, 1000, 100_000_000_000_000_000L})
    void skipsReservedTypes(long n) throws Exception {
        var tunnel = tunnel();
        tunnel.send(CapsuleBytes.capsule(0x29 * n + 0x17, new byte[100]));
        assertEchoes(tunnel, "next");
        assertThat(front.listener().unknownCapsules()).contains(0x29 * n + 0x17);
    }

    @Test
    @DisplayName("R1 3.2: an unknown capsule of 8 MiB is skipped without being held")
    void skipsLongUnknownCapsules() throws Exception {
        var tunnel = tunnel();
        tunnel.send(CapsuleBytes.header(0x1337, 8 << 20));
        for (int i = 0; i < 8 << 20; i += 16384) {
            tunnel.send(new byte[16384]);
        }
        assertEchoes(tunnel, "next");
    }

    @Test
    @DisplayName("R0 X1: a policy that rejects unknown capsules resets that stream alone")
    void rejectsUnknownCapsulesWhereTold() throws Exception {
        try (var strict =
                        TestFront.open(
                                settings ->
                                        settings.with(CapsulePolicy.STANDARD.with(Unknown.REJECT)),
                                Answer.AT_ONCE);
                var strictly = strict.wire(wire.version())) {
            var healthy = strictly.ask(udp("target.test", 7));
            var tunnel = strictly.ask(udp("target.test", 7));
            assertThat(healthy.status()).isEqualTo(wire.opened());
            assertThat(tunnel.status()).isEqualTo(wire.opened());
            tunnel.send(CapsuleBytes.capsule(0x1337, new byte[3]));
            assertThat(tunnel.awaitReset()).isEqualTo(wire.code(ResetCause.MESSAGE_ERROR));
            assertThat(strict.listener().rejectedCapsules()).containsExactly(0x1337L);
            assertEchoes(healthy, "still here");
        }
    }

    @ParameterizedTest(name = "R1 3.3: FIN within the capsule {0} resets the stream")
    @ValueSource(strings = {"00", "40", "0008", "0008a1a2a3a4", "2a05aabb", "c0"})
    void resetsAStreamThatEndsWithinACapsule(String bytes) throws Exception {
        var tunnel = tunnel();
        tunnel.send(hex(bytes));
        tunnel.finish();
        assertThat(tunnel.awaitReset()).isEqualTo(wire.code(ResetCause.MESSAGE_ERROR));
    }

    @Test
    @DisplayName("case 96: 00 08 a1 a2 a3 a4 and then FIN is an incomplete capsule")
    void takesAnIncompleteCapsuleForMalformed() throws Exception {
        resetsAStreamThatEndsWithinACapsule("0008a1a2a3a4");
    }

    @Test
    @DisplayName("R1 3.3: FIN between capsules ends the tunnel cleanly")
    void endsBetweenCapsules() throws Exception {
        var tunnel = tunnel();
        assertEchoes(tunnel, "last");
        tunnel.finish();
        assertThat(tunnel.rest()).isEmpty();
    }

    @ParameterizedTest(name = "R1 3.3, R2 5: DATAGRAM capsule {0} without a context is dropped")
    @ValueSource(strings = {"0000", "000140", "0003c00000"})
    void dropsADatagramWithoutAContext(String capsule) throws Exception {
        int before = front.listener().drops(DropReason.MALFORMED);
        var tunnel = tunnel();
        tunnel.send(hex(capsule));
        assertEchoes(tunnel, "next");
        assertThat(front.listener().drops(DropReason.MALFORMED)).isEqualTo(before + 1);
    }

    @Test
    @DisplayName("R1 3.5: DATAGRAM capsules travel both ways without QUIC datagrams")
    void carriesDatagramCapsulesBothWays() throws Exception {
        assertEchoes(tunnel(), "ping");
    }

    @Test
    @DisplayName("case 104: a client without QUIC datagrams gets capsules both ways")
    void servesAClientWithoutDatagrams() throws Exception {
        var tunnel = tunnel();
        for (int i = 0; i < 10; i++) {
            assertEchoes(tunnel, "ping " + i);
        }
    }

    @Test
    @DisplayName("R1 3.5: a DATAGRAM capsule of 2^40 bytes resets the stream before any of it")
    void refusesADatagramOfTwoToTheForty() throws Exception {
        var tunnel = tunnel();
        tunnel.send(CapsuleBytes.header(0, 1L << 40));
        assertThat(tunnel.awaitReset()).isEqualTo(wire.code(ResetCause.DATAGRAM_ERROR));
        assertEchoes(tunnel(), "another");
    }

    @Test
    @DisplayName("R1 3.5, R0 X6: a DATAGRAM capsule above a cap is discarded, the next is read")
    void discardsDatagramsAboveTheCap() throws Exception {
        var policy = new CapsulePolicy(Unknown.IGNORE, Set.of(), 1000, 4096, 1 << 20);
        try (var narrow = TestFront.open(settings -> settings.with(policy), Answer.AT_ONCE);
                var narrowly = narrow.wire(wire.version())) {
            var tunnel = narrowly.ask(udp("target.test", 7));
            assertThat(tunnel.status()).isEqualTo(wire.opened());
            tunnel.send(CapsuleBytes.udp(new byte[1000]));
            tunnel.send(CapsuleBytes.udp(new byte[65527]));
            assertEchoes(tunnel, "next");
            assertThat(narrow.listener().drops(DropReason.TOO_LARGE)).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("R2 5: a payload of 65527 bytes travels, empty ones too")
    void carriesTheLongestAndTheShortestPayload() throws Exception {
        var tunnel = tunnel();
        for (int length : List.of(65527, 0, 1)) {
            tunnel.send(CapsuleBytes.udp(new byte[length]));
            assertThat(tunnel.capsule().datagram().payload()).hasSize(length);
        }
    }

    @Test
    @DisplayName("case 35: a payload of 65528 bytes aborts the stream")
    void abortsOnAPayloadThatUdpCannotCarry() throws Exception {
        var tunnel = tunnel();
        tunnel.send(CapsuleBytes.udp(new byte[65528]));
        assertThat(tunnel.awaitReset()).isEqualTo(wire.code(ResetCause.DATAGRAM_ERROR));
    }

    @Test
    @DisplayName("R2 3.1: the tunnel ends when the client resets its stream")
    void endsWhenTheClientResets() throws Exception {
        var tunnel = tunnel();
        assertEchoes(tunnel, "ping");
        front.service().forgetEnds();
        tunnel.reset();
        assertThat(front.service().nextEnd()).isEqualTo(StreamEnd.RESET);
    }
}
