package org.masquerelay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.io.ByteArrayOutputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.capsule.CapsuleType;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.RawBindTunnel;
import org.masquerelay.transport.ConnectionSettings;

/// Requests for bind tunnels, right and wrong.
@Timeout(60)
final class BindRequestsTest {
    /// Of a client into which little is sent before it reads.
    private static final ConnectionSettings SMALL_WINDOW =
            new ConnectionSettings(1350, 1 << 14, 1 << 14, 512, Duration.ofSeconds(30));

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @CsvSource({
        "%2A, %2A, ?1, 200",
        "%2A, %2A, ?1;a=b, 200",
        "%2A, 9, ?1, 400",
        "127.0.0.1, %2A, ?1, 400",
        "%2A, %2A, ?0, 400",
        "%2A, %2A, ?2, 400",
        "%2A, %2A, 1, 400",
        "%2A, %2A, '?1, ?1', 400"
    })
    @DisplayName("100 R10 2 only a Boolean true asks for bind, and only both may be *")
    void readsRequests(String host, String port, String bind, int status) throws Exception {
        try (var egress = TestEgress.startWithBind(TestEgress.PRIVATE_TARGETS);
                var client = egress.connectRaw()) {
            var tunnel = RawBindTunnel.askWith(client, host, port, bind);
            assertThat(tunnel.stream().status()).isEqualTo(status);
        }
    }

    @Test
    @DisplayName("101 R10 2 a listener without bind answers 400 to *, and proxies to a target")
    void doesNotBindUnlessToldTo() throws Exception {
        try (var egress = TestEgress.start(TestEgress.PRIVATE_TARGETS);
                var client = egress.connectRaw();
                var peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            assertThat(RawBindTunnel.ask(client).stream().status()).isEqualTo(400);
            var port = Integer.toString(peer.getLocalPort());
            var head = RawBindTunnel.askWith(client, "127.0.0.1", port, "?1").stream().head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.fields().contains("connect-udp-bind")).isFalse();
            assertThat(head.fields().contains("proxy-public-address")).isFalse();
        }
    }

    @Test
    @DisplayName("R10 9 a client that asks on and does not read the answers is cut off")
    void cutsOffAClientThatDoesNotRead() throws Exception {
        try (var egress = TestEgress.startWithBind(TestEgress.PRIVATE_TARGETS);
                var client = egress.connectRaw(SMALL_WINDOW);
                var healthy = egress.connectRaw()) {
            var beside = RawBindTunnel.ask(healthy);
            assertThat(beside.stream().status()).isEqualTo(200);
            var tunnel = RawBindTunnel.ask(client);
            assertThat(tunnel.stream().status()).isEqualTo(200);
            tunnel.stream().pause();
            for (long first = 2; first < 100_000; first += 1000) {
                tunnel.stream().data(openAndClose(first, first + 1000));
            }
            Await.until("cut off", () -> egress.activeTunnels() == 1);
            tunnel.stream().resume();
            assertThat(tunnel.stream().resetCode()).isEqualTo(0x107);

            beside.assign(2);
            beside.awaitAck(2);
        }
    }

    /// Capsules that open and close the uncompressed context under every even ID of a range.
    private static byte[] openAndClose(long from, long to) {
        var capsules = new ByteArrayOutputStream();
        for (long id = from; id < to; id += 2) {
            capsules.writeBytes(RawBindTunnel.assignment(id));
            capsules.writeBytes(
                    CapsuleBytes.capsule(CapsuleType.COMPRESSION_CLOSE, CapsuleBytes.varint(id)));
        }
        return capsules.toByteArray();
    }
}
