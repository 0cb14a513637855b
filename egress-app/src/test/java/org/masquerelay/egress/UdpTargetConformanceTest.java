package org.masquerelay.egress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.testkit.WireRequest.udp;

import io.netty.buffer.ByteBufUtil;
import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.observe.DropReason;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.DnsServer;
import org.masquerelay.testkit.Wire;
import org.masquerelay.testkit.WireExchange;
import org.masquerelay.testkit.WireRequest;
import org.masquerelay.tunnel.HttpVersion;

/// RFC 9298, sections 3.1 and 5 to 7, on an egress: names, sockets and payloads, over every HTTP
/// version.
@Timeout(60)
@ParameterizedClass(name = "{0}")
@EnumSource(HttpVersion.class)
final class UdpTargetConformanceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static DnsServer dns;
    private static TestEgress egress;

    private final Wire wire;
    private DatagramSocket target;

    UdpTargetConformanceTest(HttpVersion version) {
        wire = egress.wire(version);
    }

    @BeforeAll
    static void open() throws Exception {
        dns = DnsServer.start();
        egress = TestEgress.start(TestEgress.settings(true, List.of(dns.address())));
    }

    @BeforeEach
    void listen() throws Exception {
        target = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        target.setSoTimeout(10_000);
    }

    @AfterEach
    void disconnect() {
        wire.close();
        target.close();
        egress.awaitNoTunnel();
    }

    @AfterAll
    static void close() {
        egress.close();
        dns.close();
        LeakPresenceDetector.check();
    }

    private WireExchange tunnel() throws Exception {
        return tunnel(wire);
    }

    private WireExchange tunnel(Wire over) throws Exception {
        var tunnel = over.ask(udp("127.0.0.1", target.getLocalPort()));
        assertThat(tunnel.status()).isEqualTo(over.opened());
        return tunnel;
    }

    private DatagramPacket receive() throws IOException {
        var packet = new DatagramPacket(new byte[65536], 65536);
        target.receive(packet);
        return packet;
    }

    private static byte[] payload(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private void answer(DatagramPacket question, byte[] payload) throws IOException {
        target.send(new DatagramPacket(payload, payload.length, question.getSocketAddress()));
    }

    private DatagramPacket assertEchoes(WireExchange tunnel, String text) throws Exception {
        tunnel.send(CapsuleBytes.udp(text.getBytes(UTF_8)));
        var question = receive();
        assertThat(payload(question)).asString(UTF_8).isEqualTo(text);
        answer(question, text.getBytes(UTF_8));
        assertThat(tunnel.capsule().datagram().payload()).asString(UTF_8).isEqualTo(text);
        return question;
    }

    private static void assertRefused(WireExchange exchange, int status, String error)
            throws Exception {
        var head = exchange.head();
        assertThat(head.status()).isEqualTo(status);
        assertThat(head.fields().first("proxy-status").orElseThrow())
                .startsWith("\"egress\";error=" + error);
        assertThat(head.fields().contains("capsule-protocol")).isFalse();
    }

    @Test
    @DisplayName("R2 3.1, case 14: a name that does not exist is 502 with dns_error and NXDOMAIN")
    void refusesANameThatDoesNotExist() throws Exception {
        assertRefused(wire.ask(udp("nxdomain.test", 443)), 502, "dns_error;rcode=\"NXDOMAIN\"");
    }

    @Test
    @DisplayName("R2 3.1: a name that nobody answers for is 504 with dns_timeout")
    void refusesANameWithoutAnAnswer() throws Exception {
        dns.silence("silent.test");
        assertRefused(wire.ask(udp("silent.test", 443)), 504, "dns_timeout");
    }

    @Test
    @DisplayName("R2 3.1: a name is resolved, and its socket open, before the answer")
    void resolvesFirst() throws Exception {
        dns.addresses("target.test", "127.0.0.1");
        int before = dns.queries();
        var tunnel = wire.ask(udp("target.test", target.getLocalPort()));
        assertThat(tunnel.status()).isEqualTo(wire.opened());
        assertThat(dns.queries()).isGreaterThan(before);
        assertEchoes(tunnel, "resolved");
    }

    @Test
    @DisplayName("R2 3.1: a socket that cannot be opened is no 2xx")
    void refusesWhatHasNoSocket() throws Exception {
        // Linux lets no socket send to the broadcast address unasked.
        var head = wire.ask(udp("255.255.255.255", 9)).head();
        assertThat(head.status()).isGreaterThanOrEqualTo(400);
        assertThat(head.fields().first("proxy-status").orElseThrow()).contains("error=");
    }

    @Test
    @DisplayName("case 16: success names the address in next-hop")
    void namesTheNextHop() throws Exception {
        var head = wire.ask(udp("127.0.0.1", target.getLocalPort())).head();
        assertThat(head.fields().first("proxy-status"))
                .contains("\"egress\";next-hop=\"127.0.0.1:" + target.getLocalPort() + "\"");
    }

    @ParameterizedTest(name = "R2 3.1: a packet from {0} and another port is discarded")
    @ValueSource(strings = {"127.0.0.1", "127.0.0.2"})
    void deliversNothingFromOtherSources(String source) throws Exception {
        var tunnel = tunnel();
        try (var stranger = new DatagramSocket(0, InetAddress.getByName(source))) {
            tunnel.send(CapsuleBytes.udp("question".getBytes(UTF_8)));
            var question = receive();
            var forged = "forged".getBytes(UTF_8);
            stranger.send(new DatagramPacket(forged, forged.length, question.getSocketAddress()));
            answer(question, "answer".getBytes(UTF_8));
            assertThat(tunnel.capsule().datagram().payload()).asString(UTF_8).isEqualTo("answer");
        }
    }

    @Test
    @DisplayName("R2 3.1: a packet from the target's port at another address is discarded")
    void deliversNothingFromTheSamePortElsewhere() throws Exception {
        var tunnel = tunnel();
        try (var stranger =
                new DatagramSocket(target.getLocalPort(), InetAddress.getByName("127.0.0.3"))) {
            tunnel.send(CapsuleBytes.udp("question".getBytes(UTF_8)));
            var question = receive();
            var forged = "forged".getBytes(UTF_8);
            stranger.send(new DatagramPacket(forged, forged.length, question.getSocketAddress()));
            answer(question, "answer".getBytes(UTF_8));
            assertThat(tunnel.capsule().datagram().payload()).asString(UTF_8).isEqualTo("answer");
        }
    }

    @Test
    @DisplayName("R2 3.1: port-unreachable messages do not end the tunnel")
    void outlivesATargetThatIsNotThere() throws Exception {
        int port = target.getLocalPort();
        var tunnel = tunnel();
        assertEchoes(tunnel, "before");
        target.close();
        for (int i = 0; i < 5; i++) {
            tunnel.send(CapsuleBytes.udp("into the void".getBytes(UTF_8)));
        }
        target = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        target.setSoTimeout(10_000);
        // What was on its way may still arrive at the new socket.
        tunnel.send(CapsuleBytes.udp("after".getBytes(UTF_8)));
        var packet = receive();
        while (!new String(payload(packet), UTF_8).equals("after")) {
            packet = receive();
        }
        answer(packet, "answer".getBytes(UTF_8));
        assertThat(tunnel.capsule().datagram().payload()).asString(UTF_8).isEqualTo("answer");
    }

    @Test
    @DisplayName("R2 3.1, case 91: an idle tunnel is closed, its stream and its socket")
    void closesAnIdleTunnel() throws Exception {
        try (var impatient = TestEgress.start(TestEgress.idleAfter(Duration.ofSeconds(1)));
                var over = impatient.wire(wire.version())) {
            var tunnel = tunnel(over);
            assertEchoes(tunnel, "once");
            tunnel.rest();
            tunnel.finish();
            impatient.awaitNoTunnel();
        }
    }

    @Test
    @DisplayName("case 88: 00 08 00 and seven bytes are a UDP payload, both ways")
    void exchangesCapsules() throws Exception {
        var tunnel = tunnel();
        tunnel.send(ByteBufUtil.decodeHexDump("000800a1a2a3a4a5a6a7"));
        var question = receive();
        assertThat(payload(question)).isEqualTo(ByteBufUtil.decodeHexDump("a1a2a3a4a5a6a7"));
        answer(question, ByteBufUtil.decodeHexDump("b1b2b3b4b5b6b7"));
        assertThat(tunnel.bytes(10)).isEqualTo(ByteBufUtil.decodeHexDump("000800b1b2b3b4b5b6b7"));
    }

    @ParameterizedTest(name = "{0}: {1} sends nothing, and the stream lives")
    @CsvSource({
        "case 89 with an unknown type, 010800a1a2a3a4a5a6a7",
        "case 89 with context 1, 000801a1a2a3a4a5a6a7",
        "R2 4 with a context of the client, 000802a1a2a3a4a5a6a7",
        "R2 5 without a context, 0000"
    })
    void sendsNothing(String line, String capsule) throws Exception {
        assertThat(line).isNotEmpty();
        var tunnel = tunnel();
        tunnel.send(ByteBufUtil.decodeHexDump(capsule));
        assertEchoes(tunnel, "the first to arrive");
    }

    @Test
    @DisplayName("R2 5: an empty payload is a UDP packet of zero bytes, both ways")
    void carriesEmptyPayloads() throws Exception {
        var tunnel = tunnel();
        tunnel.send(ByteBufUtil.decodeHexDump("000100"));
        var question = receive();
        assertThat(question.getLength()).isZero();
        answer(question, new byte[0]);
        assertThat(tunnel.bytes(3)).containsExactly(0, 1, 0);
    }

    @Test
    @DisplayName("R2 3.1: a payload that fits no packet is dropped, not fragmented")
    void dropsWhatNoPacketCarries() throws Exception {
        var tunnel = tunnel();
        tunnel.send(CapsuleBytes.udp(new byte[65527])); // IPv4 carries 65507.
        assertEchoes(tunnel, "next");
    }

    @Test
    @DisplayName("R2 6: a single datagram is forwarded at once, with no timer behind it")
    void forwardsAtOnce() throws Exception {
        var tunnel = tunnel();
        var atOnce = Duration.ofMillis(2);
        var best = PATIENCE;
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (best.compareTo(atOnce) >= 0 && System.nanoTime() < end) {
            long start = System.nanoTime();
            assertEchoes(tunnel, "ping");
            var took = Duration.ofNanos(System.nanoTime() - start);
            best = took.compareTo(best) < 0 ? took : best;
        }
        // Both ways, and two threads of the test: a timer of a millisecond each way would always
        // show, and other work of the machine only now and then.
        assertThat(best).isLessThan(atOnce);
    }

    @ParameterizedTest(name = "R2 7, case 34: {0} is refused by default")
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.1.2.3",
                "192.168.1.1",
                "169.254.169.254",
                "0.0.0.0",
                "%3A%3A1",
                "fe80%3A%3A1",
                "fd00%3A%3A1",
                "%3A%3Affff%3A127.0.0.1"
            })
    void refusesWhatIsNotPublic(String host) throws Exception {
        try (var guarded = TestEgress.start(TestEgress.settings(false, List.of()));
                var over = guarded.wire(wire.version())) {
            assertRefused(over.ask(udp(host, 443)), 403, "destination_ip_prohibited");
        }
    }

    @Test
    @DisplayName("case 15: a request to a relay that drains is 503")
    void refusesWhileDraining() throws Exception {
        egress.drain().start(Instant.EPOCH, "test");
        try {
            var head = wire.ask(udp("127.0.0.1", target.getLocalPort())).head();
            assertThat(head.status()).isEqualTo(503);
        } finally {
            egress.drain().undo();
        }
    }

    @Test
    @DisplayName("R2 5: datagrams in one write with the request reach the target after the answer")
    void deliversWhatCameEarly() throws Exception {
        dns.addresses("early.test", "127.0.0.1");
        WireRequest request = udp("early.test", target.getLocalPort());
        var tunnel = wire.ask(request);
        tunnel.send(CapsuleBytes.udp("early".getBytes(UTF_8)));
        assertThat(payload(receive())).asString(UTF_8).isEqualTo("early");
        assertThat(tunnel.status()).isEqualTo(wire.opened());
    }

    @Test
    @DisplayName("R2 6.1: what a target sends beyond a read is dropped and counted")
    void dropsWhatIsTooLong() throws Exception {
        var tunnel = tunnel();
        int before = egress.listener().drops(DropReason.TOO_LARGE);
        var question = assertEchoes(tunnel, "question");
        answer(question, new byte[60_000]);
        Await.until("a drop", () -> egress.listener().drops(DropReason.TOO_LARGE) == before + 1);
        assertEchoes(tunnel, "and on");
    }
}
