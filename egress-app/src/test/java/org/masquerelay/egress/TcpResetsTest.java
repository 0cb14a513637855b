package org.masquerelay.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.wire.HostPort;

/// How TCP tunnels break: resets from either side.
@Timeout(60)
final class TcpResetsTest {
    private TestEgress egress;
    private ServerSocket server;

    @BeforeEach
    void open() throws Exception {
        egress = TestEgress.start(TestEgress.PRIVATE_TARGETS);
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        server.setSoTimeout(10_000);
    }

    @AfterEach
    void close() throws Exception {
        server.close();
        egress.awaitNoTunnel();
        egress.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private HostPort target() {
        return new HostPort("127.0.0.1", server.getLocalPort());
    }

    @Test
    void resetsWithConnectErrorWhenTheTargetResets() throws Exception {
        try (var raw = egress.connectRaw()) {
            var stream = raw.request(":method", "CONNECT", ":authority", target().toString());
            assertThat(stream.status()).isEqualTo(200);
            try (var socket = server.accept()) {
                stream.data("hello");
                assertThat(socket.getInputStream().readNBytes(5)).hasSize(5);
                socket.setSoLinger(true, 0);
            }
            assertThat(stream.resetCode()).isEqualTo(ResetCause.CONNECT_ERROR.h3Code());
        }
    }

    @Test
    void resetsTheTargetWhenTheClientResets() throws Exception {
        try (var raw = egress.connectRaw()) {
            var stream = raw.request(":method", "CONNECT", ":authority", target().toString());
            assertThat(stream.status()).isEqualTo(200);
            try (var socket = server.accept()) {
                stream.data("hello");
                assertThat(socket.getInputStream().readNBytes(5)).hasSize(5);
                stream.reset(0x10c);
                assertReset(socket);
            }
        }
    }

    @Test
    void resetsTheTargetWhenTheConnectionOfTheClientEnds() throws Exception {
        try (var raw = egress.connectRaw()) {
            var stream = raw.request(":method", "CONNECT", ":authority", target().toString());
            assertThat(stream.status()).isEqualTo(200);
            try (var socket = server.accept()) {
                raw.close();
                assertReset(socket);
            }
        }
    }

    private static void assertReset(Socket socket) throws IOException {
        socket.setSoTimeout(10_000);
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }
}
