package org.masquerelay.egress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.observe.DropReason;
import org.masquerelay.testkit.Await;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// UDP tunnels to real sockets.
@Timeout(60)
final class UdpTunnelsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private TestEgress egress;
    private RelayClient client;
    private DatagramSocket target;

    @BeforeEach
    void open() throws Exception {
        egress = TestEgress.start(TestEgress.PRIVATE_TARGETS);
        client = egress.connect();
        target = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        target.setSoTimeout(10_000);
    }

    @AfterEach
    void close() {
        client.close();
        target.close();
        egress.awaitNoTunnel();
        egress.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private UdpTunnel tunnel(RelayClient through) throws IOException {
        return through.openUdp(new HostPort("127.0.0.1", target.getLocalPort()), HeaderFields.NONE);
    }

    private static DatagramPacket receive(DatagramSocket socket) throws IOException {
        var packet = new DatagramPacket(new byte[65536], 65536);
        socket.receive(packet);
        return packet;
    }

    private static byte[] payload(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private void answer(DatagramPacket question, byte[] payload) throws IOException {
        target.send(new DatagramPacket(payload, payload.length, question.getSocketAddress()));
    }

    private void assertEchoes(UdpTunnel tunnel, String text) throws IOException {
        tunnel.send(text.getBytes(UTF_8));
        answer(receive(target), text.getBytes(UTF_8));
        assertThat(tunnel.receive(PATIENCE).orElseThrow()).asString(UTF_8).isEqualTo(text);
    }

    @Test
    void carriesEmptyPayloadsToTheTarget() throws Exception {
        try (var tunnel = tunnel(client)) {
            tunnel.send(new byte[0]);
            assertThat(receive(target).getLength()).isZero();
            assertEchoes(tunnel, "and on");
        }
    }

    @Test
    void carriesEmptyPayloadsFromTheTarget() throws Exception {
        try (var tunnel = tunnel(client)) {
            tunnel.send("question".getBytes(UTF_8));
            answer(receive(target), new byte[0]);
            assertThat(tunnel.receive(PATIENCE))
                    .hasValueSatisfying(payload -> assertThat(payload).isEmpty());
            assertEchoes(tunnel, "and on");
        }
    }

    // RFC 9298, section 3.1 leaves it open; a target may come back.
    @Test
    void outlivesATargetThatIsNotThereForAWhile() throws Exception {
        int port = target.getLocalPort();
        try (var tunnel = tunnel(client)) {
            assertEchoes(tunnel, "before");
            target.close();
            for (int i = 0; i < 5; i++) {
                tunnel.send("into the void".getBytes(UTF_8));
                assertThat(tunnel.receive(Duration.ofMillis(50))).isEmpty();
            }
            target =
                    new DatagramSocket(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            target.setSoTimeout(10_000);
            assertEchoes(tunnel, "after");
        }
    }

    @Test
    void deliversNothingFromOtherSources() throws Exception {
        try (var tunnel = tunnel(client);
                var stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            tunnel.send("question".getBytes(UTF_8));
            var question = receive(target);
            var forged = "forged".getBytes(UTF_8);
            stranger.send(new DatagramPacket(forged, forged.length, question.getSocketAddress()));
            answer(question, "answer".getBytes(UTF_8));
            assertThat(tunnel.receive(PATIENCE).orElseThrow()).asString(UTF_8).isEqualTo("answer");
            assertThat(egress.listener().traffic().out().sum()).isEqualTo(6);
        }
    }

    @Test
    void dropsAndCountsWhatIsTooLongForTheNextHop() throws Exception {
        try (var tunnel = tunnel(client)) {
            tunnel.send("question".getBytes(UTF_8));
            var question = receive(target);
            for (int length : new int[] {1500, 2047, 2048, 2049, 60_000}) {
                answer(question, new byte[length]);
            }
            Await.until("drops", () -> egress.listener().drops(DropReason.TOO_LARGE) == 5);
            assertEchoes(tunnel, "and on");
        }
    }

    @Test
    void carriesAnInnerQuicPacket() throws Exception {
        try (var tunnel = tunnel(client)) {
            tunnel.send(new byte[1250]);
            var question = receive(target);
            assertThat(question.getLength()).isEqualTo(1250);
            answer(question, payload(question));
            assertThat(tunnel.receive(PATIENCE).orElseThrow()).hasSize(1250);
        }
    }

    @Test
    void closesBothSidesOfAnIdleTunnel() throws Exception {
        try (var impatient = TestEgress.start(TestEgress.idleAfter(Duration.ofSeconds(2)));
                var through = impatient.connect();
                var tunnel = tunnel(through)) {
            assertEchoes(tunnel, "once");
            assertThat(impatient.activeTunnels()).isOne();
            assertThatThrownBy(() -> tunnel.receive(PATIENCE)).isInstanceOf(IOException.class);
            impatient.awaitNoTunnel();
        }
    }

    @Test
    void closesTheSocketWhenTheClientCloses() throws Exception {
        var tunnel = tunnel(client);
        assertEchoes(tunnel, "once");
        tunnel.close();
        egress.awaitNoTunnel();
        assertThat(egress.listener().openTunnels()).isZero();
    }
}
