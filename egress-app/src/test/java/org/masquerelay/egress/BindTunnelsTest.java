package org.masquerelay.egress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.capsule.CapsuleType;
import org.masquerelay.egress.dial.BindSettings;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.egress.policy.TargetRules.ProhibitedStatus;
import org.masquerelay.egress.policy.TargetTable;
import org.masquerelay.egress.policy.TenantRules;
import org.masquerelay.egress.rule.PortRanges;
import org.masquerelay.observe.DropReason;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.RawBindTunnel;
import org.masquerelay.testkit.RawBytes;
import org.masquerelay.testkit.RawH3Client;

/// Bind tunnels to real sockets.
@Timeout(60)
final class BindTunnelsTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress LOOPBACK_V6 = InetAddress.ofLiteral("::1");
    private static final TargetRules ALL = new TargetRules(true, Set.of());
    private static final byte[] PING = "ping".getBytes(UTF_8);
    private static final byte[] PONG = "pong".getBytes(UTF_8);

    private TestEgress egress;
    private RawH3Client client;
    private DatagramSocket peer;
    private DatagramSocket other;

    @BeforeEach
    void open() throws Exception {
        egress = TestEgress.startWithBind(TestEgress.PRIVATE_TARGETS);
        client = egress.connectRaw();
        peer = socket(LOOPBACK);
        other = socket(LOOPBACK);
    }

    @AfterEach
    void close() {
        client.close();
        peer.close();
        other.close();
        egress.awaitNoTunnel();
        egress.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private static DatagramSocket socket(InetAddress address) throws IOException {
        var socket = new DatagramSocket(0, address);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static InetSocketAddress address(DatagramSocket socket) {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    private RawBindTunnel tunnel() throws Exception {
        return opened(RawBindTunnel.ask(client));
    }

    private RawBindTunnel scopedTunnel() throws Exception {
        var port = Integer.toString(peer.getLocalPort());
        return opened(RawBindTunnel.askWith(client, "127.0.0.1", port, "?1"));
    }

    private static RawBindTunnel opened(RawBindTunnel tunnel) throws Exception {
        assertThat(tunnel.stream().status()).isEqualTo(200);
        return tunnel;
    }

    /// With its uncompressed context as 2.
    private RawBindTunnel uncompressedTunnel() throws Exception {
        var tunnel = tunnel();
        tunnel.assign(2);
        tunnel.awaitAck(2);
        return tunnel;
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        var packet = new DatagramPacket(new byte[4096], 4096);
        socket.receive(packet);
        return packet;
    }

    private static byte[] payload(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static void send(DatagramSocket from, byte[] payload, InetSocketAddress to)
            throws IOException {
        from.send(new DatagramPacket(payload, payload.length, to));
    }

    /// A datagram over the uncompressed context 2 and its answer; gives the address that the peer
    /// saw.
    private static InetSocketAddress assertRoundTrip(RawBindTunnel tunnel, DatagramSocket with)
            throws Exception {
        tunnel.sendTo(2, address(with), PING);
        var question = receive(with);
        assertThat(payload(question)).isEqualTo(PING);
        var from = (InetSocketAddress) question.getSocketAddress();
        send(with, PONG, from);
        var answer = tunnel.nextFrom(2);
        assertThat(answer.peer()).isEqualTo(address(with));
        assertThat(answer.payload()).isEqualTo(PONG);
        return from;
    }

    private void assertDropped(DropReason reason, int count) {
        Await.until("dropped: " + reason, () -> egress.listener().drops(reason) == count);
    }

    private void restart(EgressSettings settings) throws Exception {
        client.close();
        egress.awaitNoTunnel();
        egress.close();
        egress = TestEgress.startWithBind(settings);
        client = egress.connectRaw();
    }

    private static EgressSettings settings(TargetRules targets, BindSettings bind) {
        return TestEgress.settings(targets, List.of(), bind);
    }

    @Test
    @DisplayName("102 R10 2 an uncompressed context carries to and from peers, from one address")
    void carriesOverTheUncompressedContext() throws Exception {
        var tunnel = RawBindTunnel.ask(client);
        var head = tunnel.stream().head();
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.fields().all("connect-udp-bind")).containsExactly("?1");
        assertThat(head.fields().all("capsule-protocol")).containsExactly("?1");
        tunnel.assign(2);
        tunnel.awaitAck(2);

        var seen = assertRoundTrip(tunnel, peer);
        assertThat(assertRoundTrip(tunnel, other)).isEqualTo(seen);
        assertThat(assertRoundTrip(tunnel, peer)).isEqualTo(seen);
        assertThat(head.fields().all("proxy-public-address"))
                .singleElement()
                .asString()
                .startsWith("\"127.0.0.1:" + seen.getPort() + "\", \"[::1]:");
    }

    @Test
    @DisplayName("R10 2 an IPv6 peer is reached from the IPv6 address")
    void carriesOverIpv6() throws Exception {
        try (var peerV6 = socket(LOOPBACK_V6)) {
            var tunnel = RawBindTunnel.ask(client);
            var told = tunnel.stream().head().fields().first("proxy-public-address").orElseThrow();
            tunnel.assign(2);
            tunnel.awaitAck(2);
            var seen = assertRoundTrip(tunnel, peerV6);
            assertThat(told).endsWith(", \"[::1]:" + seen.getPort() + "\"");

            tunnel.assign(4, address(peerV6));
            tunnel.awaitAck(4);
            send(peerV6, PONG, seen);
            assertThat(tunnel.next().contextId()).isEqualTo(4);
        }
    }

    @Test
    @DisplayName("R10 5 a compressed context carries to and from its peer alone")
    void carriesOverACompressedContext() throws Exception {
        var tunnel = uncompressedTunnel();
        tunnel.assign(4, address(peer));
        tunnel.awaitAck(4);
        tunnel.send(4, PING);
        var question = receive(peer);
        assertThat(payload(question)).isEqualTo(PING);
        var bound = (InetSocketAddress) question.getSocketAddress();

        send(peer, PONG, bound);
        var answer = tunnel.next();
        assertThat(answer.contextId()).isEqualTo(4);
        assertThat(answer.payload()).isEqualTo(PONG);
        send(other, PONG, bound);
        assertThat(tunnel.nextFrom(2).peer()).isEqualTo(address(other));
    }

    @Test
    @DisplayName("R10 8.1 without an uncompressed context only peers with a context get through")
    void isAFirewallWithoutAnUncompressedContext() throws Exception {
        var tunnel = uncompressedTunnel();
        tunnel.assign(4, address(peer));
        tunnel.awaitAck(4);
        var bound = assertRoundTrip(tunnel, other);
        tunnel.close(2);
        tunnel.assign(6, new InetSocketAddress(LOOPBACK, 9));
        tunnel.awaitAck(6); // So the proxy has read the close.

        send(other, PONG, bound);
        assertDropped(DropReason.NO_CONTEXT, 1);
        tunnel.sendTo(2, address(other), PING);
        assertDropped(DropReason.UNKNOWN_CONTEXT, 1);
        send(peer, PONG, bound);
        assertThat(tunnel.next().contextId()).isEqualTo(4);

        tunnel.assign(8);
        tunnel.awaitAck(8);
        send(other, PONG, bound);
        assertThat(tunnel.nextFrom(8).peer()).isEqualTo(address(other));
    }

    @Test
    @DisplayName("R10 3.3 datagrams of a closed context are dropped, and its peer is uncompressed")
    void goesOnUncompressedWhenAContextIsClosed() throws Exception {
        var tunnel = uncompressedTunnel();
        tunnel.assign(4, address(peer));
        tunnel.awaitAck(4);
        tunnel.close(4);
        tunnel.assign(6, address(other));
        tunnel.awaitAck(6);
        tunnel.send(4, PING);
        assertDropped(DropReason.UNKNOWN_CONTEXT, 1);
        assertRoundTrip(tunnel, peer);
    }

    @Test
    @DisplayName("R10 4 empty payloads are carried, compressed and not")
    void carriesEmptyPayloads() throws Exception {
        var tunnel = uncompressedTunnel();
        tunnel.assign(4, address(other));
        tunnel.awaitAck(4);
        tunnel.sendTo(2, address(peer), new byte[0]);
        var question = receive(peer);
        assertThat(question.getLength()).isZero();
        var bound = (InetSocketAddress) question.getSocketAddress();
        tunnel.send(4, new byte[0]);
        assertThat(receive(other).getLength()).isZero();

        send(peer, new byte[0], bound);
        assertThat(tunnel.nextFrom(2).payload()).isEmpty();
        send(other, new byte[0], bound);
        assertThat(tunnel.next().payload()).isEmpty();
    }

    @Test
    @DisplayName("R10 4 a datagram that names no peer is dropped and counted")
    void dropsDatagramsWithoutAPeer() throws Exception {
        var tunnel = uncompressedTunnel();
        tunnel.send(2, new byte[0]);
        tunnel.send(2, new byte[] {4, 127, 0, 0, 1, 9});
        tunnel.send(2, new byte[] {5, 127, 0, 0, 1, 9, 9, 9});
        assertDropped(DropReason.MALFORMED, 3);
        assertRoundTrip(tunnel, peer);
    }

    @Test
    @DisplayName("R10 9 the policy is asked about every uncompressed datagram and every ASSIGN")
    void keepsToThePolicy() throws Exception {
        var rules = new TargetRules(true, Set.of(other.getLocalPort()));
        restart(settings(rules, TestEgress.LOOPBACK_BIND));
        var tunnel = uncompressedTunnel();
        var bound = assertRoundTrip(tunnel, peer);

        tunnel.sendTo(2, address(other), PING);
        assertDropped(DropReason.PROHIBITED_PEER, 1);
        send(other, PONG, bound);
        assertDropped(DropReason.PROHIBITED_PEER, 2);
        tunnel.assign(4, address(other));
        tunnel.awaitClose(4);
        tunnel.send(4, PING);
        assertDropped(DropReason.UNKNOWN_CONTEXT, 1);
        assertRoundTrip(tunnel, peer);

        // What was sent to it would be there before this.
        send(peer, PONG, address(other));
        assertThat(payload(receive(other))).isEqualTo(PONG);
    }

    @Test
    @DisplayName("R10 9 peers outside the public address space are refused like such targets")
    void refusesPrivatePeers() throws Exception {
        restart(settings(new TargetRules(false, Set.of()), TestEgress.LOOPBACK_BIND));
        var tunnel = uncompressedTunnel();
        tunnel.sendTo(2, address(peer), PING);
        assertDropped(DropReason.PROHIBITED_PEER, 1);
        tunnel.assign(4, address(peer));
        tunnel.awaitClose(4);
    }

    @ParameterizedTest
    @CsvSource({"::ffff:127.0.0.1, 9", "127.0.0.1, 0"})
    @DisplayName("R10 9 addresses that no UDP packet can have are refused, whatever the policy")
    void refusesImpossiblePeers(String host, int port) throws Exception {
        var field = RawBindTunnel.field(new InetSocketAddress(InetAddress.ofLiteral(host), port));
        if (host.startsWith("::ffff")) {
            field = HexFormat.of().parseHex("06" + "00000000000000000000ffff7f000001" + "0009");
        }
        var tunnel = uncompressedTunnel();
        tunnel.send(2, field);
        assertDropped(DropReason.PROHIBITED_PEER, 1);
        tunnel.capsule(
                CapsuleType.COMPRESSION_ASSIGN, RawBytes.concat(CapsuleBytes.varint(4), field));
        tunnel.awaitClose(4);
    }

    @Test
    @DisplayName("R10 7 peers of a family without a public address are refused")
    void refusesPeersOfAnotherFamily() throws Exception {
        restart(settings(ALL, new BindSettings(List.of(LOOPBACK), List.of(), 3)));
        var tunnel = uncompressedTunnel();
        var peerV6 = new InetSocketAddress(LOOPBACK_V6, 9);
        tunnel.sendTo(2, peerV6, PING);
        assertDropped(DropReason.PROHIBITED_PEER, 1);
        tunnel.assign(4, peerV6);
        tunnel.awaitClose(4);
    }

    @Test
    @DisplayName("R10 2 a scoped bind has its target as context 0, and other peers besides")
    void carriesToTheScopeOverContextZero() throws Exception {
        var tunnel = scopedTunnel();
        tunnel.send(0, PING);
        var question = receive(peer);
        assertThat(payload(question)).isEqualTo(PING);
        var bound = (InetSocketAddress) question.getSocketAddress();

        send(other, PING, bound);
        assertDropped(DropReason.NO_CONTEXT, 1);
        send(peer, PONG, bound);
        var answer = tunnel.next();
        assertThat(answer.contextId()).isZero();
        assertThat(answer.payload()).isEqualTo(PONG);

        tunnel.assign(2);
        tunnel.awaitAck(2);
        assertThat(assertRoundTrip(tunnel, other)).isEqualTo(bound);
        send(peer, PONG, bound);
        assertThat(tunnel.next().contextId()).isZero();
    }

    @Test
    @DisplayName("R10 2 a scoped bind to a refused target is refused as a tunnel to it is")
    void refusesScopesByThePolicy() throws Exception {
        restart(settings(new TargetRules(false, Set.of(25)), TestEgress.LOOPBACK_BIND));
        var toPrivate = RawBindTunnel.askWith(client, "127.0.0.1", "9", "?1").stream().head();
        assertThat(toPrivate.status()).isEqualTo(403);
        assertThat(toPrivate.fields().first("proxy-status").orElseThrow())
                .contains("error=destination_ip_prohibited");
        var toMail = RawBindTunnel.askWith(client, "9.9.9.9", "25", "?1").stream().head();
        assertThat(toMail.status()).isEqualTo(403);
        assertThat(toMail.fields().first("proxy-status").orElseThrow())
                .contains("error=http_request_denied");
    }

    @Test
    @DisplayName("R10 7 addresses that are not set are those that packets to the target leave from")
    void findsTheAddressTowardsTheTarget() throws Exception {
        restart(settings(ALL, new BindSettings(List.of(), List.of(LOOPBACK), 3)));
        var port = Integer.toString(peer.getLocalPort());
        var tunnel = RawBindTunnel.askWith(client, "127.0.0.1", port, "?1");
        var head = tunnel.stream().head();
        tunnel.send(0, PING);
        int seen = receive(peer).getPort();
        assertThat(head.fields().all("proxy-public-address"))
                .containsExactly("\"127.0.0.1:" + seen + "\"");
        assertThat(head.fields().first("proxy-status").orElseThrow())
                .contains("next-hop=\"127.0.0.1:" + port + "\"");
    }

    @Test
    @DisplayName("R10 7 clients are told the address that a translator gives")
    void tellsThePublicAddress() throws Exception {
        var outside = List.of(InetAddress.ofLiteral("203.0.113.5"));
        restart(settings(ALL, new BindSettings(List.of(LOOPBACK), outside, 3)));
        var tunnel = RawBindTunnel.ask(client);
        var told = tunnel.stream().head().fields().all("proxy-public-address");
        tunnel.assign(2);
        tunnel.awaitAck(2);
        int seen = assertRoundTrip(tunnel, peer).getPort();
        assertThat(told).containsExactly("\"203.0.113.5:" + seen + "\"");
    }

    @Test
    @DisplayName("R10 3 an unscoped bind is aborted by a datagram of context 0")
    void abortsOnContextZeroWithoutAScope() throws Exception {
        var tunnel = uncompressedTunnel();
        tunnel.send(0, PING);
        assertThat(tunnel.stream().resetCode()).isEqualTo(0x33);
        egress.awaitNoTunnel();
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource({
        "11020000, context 0",
        "11020300, an odd context",
        "11020200, a repeated context",
        "11020400, a second uncompressed context",
        "11080605 7f0000010009, an unknown IP version",
        "110104, an assignment cut short",
        "110306 0000, an assignment with more behind it",
        "120102, an acknowledgement of what was not assigned",
        "130100, the closing of context 0",
        "1300, a closing without a context",
        "111c04 00 0000000000000000000000000000000000000000000000000000, too long a capsule"
    })
    @DisplayName("R10 3 a malformed capsule aborts the stream")
    void abortsOnMalformedCapsules(String hex, String name) throws Exception {
        var tunnel = uncompressedTunnel();
        tunnel.stream().data(HexFormat.of().parseHex(hex.replace(" ", "")));
        assertThat(tunnel.stream().resetCode()).as(name).isEqualTo(0x10e);
        egress.awaitNoTunnel();
    }

    @Test
    @DisplayName("R10 3.1 two contexts for one peer abort the stream")
    void abortsOnASecondContextForAPeer() throws Exception {
        var tunnel = tunnel();
        tunnel.assign(2, address(peer));
        tunnel.awaitAck(2);
        tunnel.assign(4, address(peer));
        assertThat(tunnel.stream().resetCode()).isEqualTo(0x10e);
    }

    @Test
    @DisplayName("R10 9 contexts beyond the limit are closed at once")
    void boundsContexts() throws Exception {
        var tunnel = uncompressedTunnel();
        for (int i = 1; i < TestEgress.MAX_CONTEXTS; i++) {
            tunnel.assign(2 + 2L * i, new InetSocketAddress(LOOPBACK, i));
            tunnel.awaitAck(2 + 2L * i);
        }
        tunnel.assign(100, address(peer));
        tunnel.awaitClose(100);
        tunnel.close(4);
        tunnel.assign(102, address(peer));
        tunnel.awaitAck(102);
    }

    @Test
    @DisplayName("R10 3.1 capsules sent before the answer, and in pieces, are answered")
    void answersEarlyCapsules() throws Exception {
        var tunnel = RawBindTunnel.ask(client);
        for (byte one : RawBindTunnel.assignment(2)) {
            tunnel.stream().data(new byte[] {one});
        }
        assertThat(tunnel.stream().status()).isEqualTo(200);
        tunnel.awaitAck(2);
        assertRoundTrip(tunnel, peer);
    }

    @Test
    @DisplayName("R10 3 datagrams in capsules and capsules of other types do no harm")
    void takesDatagramCapsules() throws Exception {
        var tunnel = uncompressedTunnel();
        tunnel.capsule(0x2929, new byte[5000]);
        tunnel.stream()
                .data(
                        CapsuleBytes.datagram(
                                2, RawBytes.concat(RawBindTunnel.field(address(peer)), PING)));
        assertThat(payload(receive(peer))).isEqualTo(PING);
    }

    @Test
    @DisplayName("R10 8 the sockets are closed when the client is done")
    void closesTheSockets() throws Exception {
        var tunnel = uncompressedTunnel();
        var bound = assertRoundTrip(tunnel, peer);
        tunnel.stream().fin();
        assertThat(tunnel.stream().rest()).isEmpty();
        egress.awaitNoTunnel();
        try (var again = new DatagramSocket(bound)) {
            assertThat(again.isBound()).isTrue();
        }
    }

    @Test
    @DisplayName("R10 3.3 contexts of peers that a new policy does not allow are closed")
    void followsThePolicyWithTheNextDatagram() throws Exception {
        var tenants = new AtomicReference<>(TenantRules.UNLIMITED);
        restart(
                settings(
                        new TargetRules(
                                true,
                                PortRanges.NONE,
                                TargetTable.NOTHING,
                                TargetTable.EVERYTHING,
                                tenants::get,
                                ProhibitedStatus.FORBIDDEN),
                        TestEgress.LOOPBACK_BIND));
        var tunnel = uncompressedTunnel();
        assertRoundTrip(tunnel, other);
        tunnel.assign(4, address(peer));
        tunnel.awaitAck(4);
        tunnel.send(4, PING);
        var bound = (InetSocketAddress) receive(peer).getSocketAddress();

        // Nobody's tunnel, of which this file says nothing.
        tenants.set(TenantRules.parse("a bind * *".getBytes(UTF_8)));
        send(peer, PONG, bound);
        tunnel.awaitClose(4);
        assertDropped(DropReason.PROHIBITED_PEER, 1);
        tunnel.sendTo(2, address(other), PING);
        assertDropped(DropReason.PROHIBITED_PEER, 2);
        tunnel.send(4, PING);
        assertDropped(DropReason.UNKNOWN_CONTEXT, 1);

        tenants.set(TenantRules.UNLIMITED);
        assertRoundTrip(tunnel, other);
        tunnel.assign(6, address(peer));
        tunnel.awaitAck(6);
    }
}
