package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.observe.ConnectionRefusal;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.RawBytes;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.transport.ConnectionSettings;

/// Clients with more connections than they need, finished and unfinished, beside a tunnel of
/// somebody else.
@Timeout(60)
final class ManyConnectionsTest {
    private static final int SOCKETS = 200;

    /// The start of a TLS record, without the rest.
    private static final byte[] START_OF_HANDSHAKE = RawBytes.hex("1603010200010001fc0303");

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private static long refused(AbuseFront front, ConnectionRefusal reason) {
        return front.listener().refusedConnections().stream().filter(reason::equals).count();
    }

    private static Socket dial(InetSocketAddress address) throws IOException {
        var socket = new Socket();
        socket.connect(address);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /// Waits until the peer has ended the connection, in whatever way.
    private static void awaitEnd(Socket socket) {
        try {
            while (socket.getInputStream().read() >= 0) {
                // An alert.
            }
        } catch (IOException _) {
            // RST.
        }
    }

    @Test
    @DisplayName("many half-open handshakes are closed when their time is over")
    void halfOpenHandshakes() throws Exception {
        var second = Duration.ofSeconds(1);
        var limits = FrontLimits.STANDARD.withTimeouts(second, second, second);
        try (var front = AbuseFront.open(limits);
                var healthy = HealthyTunnel.overH2(front)) {
            healthy.keepsItsPaceBeside(() -> {
                List<Socket> sockets = new ArrayList<>();
                for (int i = 0; i < SOCKETS; i++) {
                    var socket = dial(front.address());
                    sockets.add(socket);
                    if (i % 2 == 0) {
                        socket.getOutputStream().write(START_OF_HANDSHAKE);
                    }
                }
                for (var socket : sockets) {
                    awaitEnd(socket);
                    socket.close();
                }
            });
            assertThat(refused(front, ConnectionRefusal.HANDSHAKE_TIMEOUT))
                    .isGreaterThanOrEqualTo(SOCKETS);
        }
    }

    @Test
    @DisplayName("connections that die in the handshake")
    void deadHandshakes() throws Exception {
        var garbage = new byte[500];
        new Random(7).nextBytes(garbage);
        try (var front = AbuseFront.open();
                var healthy = HealthyTunnel.overH2(front)) {
            healthy.keepsItsPaceBeside(() -> {
                for (int i = 0; i < SOCKETS; i++) {
                    try (var socket = dial(front.address())) {
                        switch (i % 4) {
                            case 0 -> socket.getOutputStream().write(garbage);
                            case 1 -> {
                                socket.getOutputStream().write(START_OF_HANDSHAKE);
                                socket.setSoLinger(true, 0);
                            }
                            case 2 -> socket.shutdownOutput();
                            default -> socket.setSoLinger(true, 0);
                        }
                    }
                }
            });
            Await.until(
                    "told of what was garbage",
                    () -> refused(front, ConnectionRefusal.HANDSHAKE_FAILED) >= SOCKETS / 4);
        }
    }

    @Test
    @DisplayName("one address has so many connections over TCP, and no more")
    void addressLimitOverTcp() throws Exception {
        try (var front = AbuseFront.open(FrontLimits.STANDARD.withConnections(100, 3));
                var healthy = HealthyTunnel.overH2(front);
                var second = front.connectH2();
                var _ = dial(front.address())) {
            healthy.keepsItsPaceBeside(() -> {
                for (int i = 0; i < 20; i++) {
                    try (var more = dial(front.address())) {
                        awaitEnd(more);
                    } catch (IOException _) {
                        // RST already.
                    }
                }
            });
            assertThat(refused(front, ConnectionRefusal.ADDRESS_FULL)).isGreaterThanOrEqualTo(20);
            second.close();
            Await.until("room again", () -> serves(front));
        }
    }

    private static boolean serves(AbuseFront front) {
        try (var client = front.connectH2()) {
            return client.request(AbuseFront.connect(AbuseService.ECHO)).awaitStatus() == 200;
        } catch (IOException | AssertionError _) {
            return false;
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Test
    @DisplayName("one address has so many connections over QUIC, and no more")
    void addressLimitOverQuic() throws Exception {
        try (var front = AbuseFront.open(FrontLimits.STANDARD.withConnections(100, 2));
                var healthy = HealthyTunnel.overH3(front)) {
            try (var second = front.connectH3()) {
                assertThat(second.request(AbuseFront.connect(AbuseService.ECHO)).status())
                        .isEqualTo(200);
                healthy.keepsItsPaceBeside(() -> isRefused(front));
                assertThat(refused(front, ConnectionRefusal.ADDRESS_FULL)).isPositive();
                assertThat(front.listener().openConnections()).isEqualTo(2);
                assertThat(second.request(AbuseFront.connect(AbuseService.ECHO)).status())
                        .isEqualTo(200);
            }
            Await.until("room", () -> front.listener().openConnections() == 1);
            try (var next = front.connectH3()) {
                assertThat(next.request(AbuseFront.connect(AbuseService.ECHO)).status())
                        .isEqualTo(200);
            }
        }
    }

    /// A QUIC connection that does not come up, or ends before it has carried a request.
    private static void isRefused(AbuseFront front) throws InterruptedException {
        int before = front.service().asked();
        var impatient = ConnectionSettings.STANDARD.withIdleTimeout(Duration.ofSeconds(1));
        try (var client =
                RawH3Client.connect(
                        front.address(),
                        TestFront.clientTls(),
                        impatient,
                        RawH3Client.datagramSettings())) {
            client.request(AbuseFront.connect(AbuseService.ECHO));
            client.closeCode();
        } catch (IOException _) {
            // Never came up, or was closed already.
        }
        assertThat(front.service().asked()).isEqualTo(before);
    }

    @Test
    @DisplayName("datagrams that are no QUIC, or of a version that is not spoken")
    void garbageOverUdp() throws Exception {
        var random = new Random(11);
        try (var front = AbuseFront.open(FrontLimits.STANDARD.withConnections(1000, 50));
                var healthy = HealthyTunnel.overH3(front);
                var socket = new DatagramSocket()) {
            healthy.keepsItsPaceBeside(() -> {
                for (int i = 0; i < 600; i++) {
                    var bytes = new byte[1200];
                    random.nextBytes(bytes);
                    if (i % 2 == 0) {
                        longHeader(bytes);
                    }
                    send(socket, bytes, front, i);
                }
            });
        }
    }

    /// Faster than the relay reads, datagrams would fill its socket's buffer, which all clients
    /// share.
    private static void send(DatagramSocket socket, byte[] bytes, AbuseFront front, int number)
            throws Exception {
        socket.send(new DatagramPacket(bytes, bytes.length, front.address()));
        LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
        if (number % 16 == 0) {
            front.awaitTurn();
        }
    }

    @Test
    @DisplayName("first packets of QUIC that cannot be decrypted")
    void undecryptableInitials() throws Exception {
        var random = new Random(12);
        try (var front = AbuseFront.open(FrontLimits.STANDARD);
                var healthy = HealthyTunnel.overH3(front);
                var socket = new DatagramSocket()) {
            healthy.keepsItsPaceBeside(() -> {
                for (int i = 0; i < 2000; i++) {
                    var bytes = new byte[1200];
                    random.nextBytes(bytes);
                    initial(bytes);
                    send(socket, bytes, front, i);
                }
            });
        }
    }

    /// The header of an Initial packet (RFC 9000, section 17.2.2) without a token, with connection
    /// IDs of eight bytes, and random ones where they are.
    private static void initial(byte[] packet) {
        packet[0] = (byte) 0xc3;
        packet[1] = 0;
        packet[2] = 0;
        packet[3] = 0;
        packet[4] = 1;
        packet[5] = 8;
        packet[14] = 8;
        packet[23] = 0;
        int length = packet.length - 26;
        packet[24] = (byte) (0x40 | length >> 8);
        packet[25] = (byte) length;
    }

    /// A long header (RFC 9000, section 17.2) of a version that nobody speaks, with two connection
    /// IDs of eight bytes.
    private static void longHeader(byte[] packet) {
        packet[0] = (byte) 0xc0;
        packet[1] = 0x1a;
        packet[2] = 0x2a;
        packet[3] = 0x3a;
        packet[4] = 0x4a;
        packet[5] = 8;
        packet[14] = 8;
    }
}
