package org.masquerelay.egress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.http.ConnectTcp;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.RawBytes;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;

/// How TCP tunnels end, by classic CONNECT and by connect-tcp, over every HTTP version.
@Timeout(60)
final class TcpLifeTest {
    private static final String NAMED = "{displayName}: {1} over {0}";
    private static final ConnectTcp.Form NEWEST = ConnectTcp.DRAFTS.getFirst();

    private static TestEgress egress;
    private ServerSocket server;

    /// How a tunnel is asked for, and what its payload looks like on the wire.
    enum Way {
        CLASSIC {
            @Override
            RawTunnel ask(RawClient client, int port) throws Exception {
                return client.connect("127.0.0.1:" + port);
            }

            @Override
            void say(RawTunnel tunnel, String text) throws Exception {
                tunnel.send(text);
            }

            @Override
            void finish(RawTunnel tunnel) throws Exception {
                tunnel.finish();
            }

            @Override
            String hear(RawTunnel tunnel, int count) throws Exception {
                return tunnel.awaitText(count);
            }

            @Override
            void hearFinish(RawTunnel tunnel) throws Exception {
                assertThat(tunnel.awaitEnd()).isEmpty();
            }
        },
        CONNECT_TCP {
            @Override
            RawTunnel ask(RawClient client, int port) throws Exception {
                return client.upgrade(
                        NEWEST.token(),
                        "/.well-known/masque/tcp/127.0.0.1/" + port + "/",
                        "capsule-protocol",
                        "?1");
            }

            @Override
            void say(RawTunnel tunnel, String text) throws Exception {
                tunnel.send(CapsuleBytes.capsule(NEWEST.data(), text.getBytes(UTF_8)));
            }

            @Override
            void finish(RawTunnel tunnel) throws Exception {
                tunnel.send(CapsuleBytes.capsule(NEWEST.finalData(), new byte[0]));
            }

            @Override
            String hear(RawTunnel tunnel, int count) throws Exception {
                var text = new StringBuilder();
                while (text.length() < count) {
                    var capsule = CapsuleBytes.read(tunnel::awaitBytes);
                    assertThat(capsule.type()).isEqualTo(NEWEST.data());
                    text.append(new String(capsule.value(), UTF_8));
                }
                return text.toString();
            }

            @Override
            void hearFinish(RawTunnel tunnel) throws Exception {
                var last = CapsuleBytes.read(tunnel::awaitBytes);
                assertThat(last.type()).isEqualTo(NEWEST.finalData());
                assertThat(last.value()).isEmpty();
            }
        };

        abstract RawTunnel ask(RawClient client, int port) throws Exception;

        abstract void say(RawTunnel tunnel, String text) throws Exception;

        abstract void finish(RawTunnel tunnel) throws Exception;

        abstract String hear(RawTunnel tunnel, int count) throws Exception;

        abstract void hearFinish(RawTunnel tunnel) throws Exception;
    }

    static Stream<Arguments> ways() {
        return Arrays.stream(HttpVersion.values())
                .flatMap(version ->
                        Arrays.stream(Way.values()).map(way -> Arguments.of(version, way)));
    }

    @BeforeAll
    static void start() throws Exception {
        egress = TestEgress.start(TestEgress.PRIVATE_TARGETS);
    }

    @BeforeEach
    void open() throws Exception {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        server.setSoTimeout(10_000);
    }

    @AfterEach
    void close() throws Exception {
        server.close();
        egress.awaitNoTunnel();
    }

    @AfterAll
    static void stop() {
        egress.close();
        LeakPresenceDetector.check();
    }

    private RawTunnel tunnel(RawClient client, Way way) throws Exception {
        var tunnel = way.ask(client, server.getLocalPort());
        assertThat(tunnel.awaitHead().opens()).isTrue();
        return tunnel;
    }

    private Socket accept() throws IOException {
        var socket = server.accept();
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(UTF_8));
    }

    private static void assertReads(Socket socket, String text) throws IOException {
        assertThat(socket.getInputStream().readNBytes(text.length()))
                .asString(UTF_8)
                .isEqualTo(text);
    }

    private static void assertFin(Socket socket) throws IOException {
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }

    private static void assertReset(Socket socket) {
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    @DisplayName("case 46, R4 9113 8.5, R9: the client finishes, and the target goes on")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void keepsTheTargetsDirection(HttpVersion version, Way way) throws Exception {
        try (var client = egress.connect(version)) {
            var tunnel = tunnel(client, way);
            try (var socket = accept()) {
                way.say(tunnel, "request");
                way.finish(tunnel);
                assertReads(socket, "request");
                assertFin(socket);
                write(socket, "answer");
                assertThat(way.hear(tunnel, 6)).isEqualTo("answer");
                write(socket, " and more");
                assertThat(way.hear(tunnel, 9)).isEqualTo(" and more");
                socket.shutdownOutput();
                way.hearFinish(tunnel);
            }
        }
    }

    @DisplayName("case 46, R4 9113 8.5, R9: the target finishes, and the client goes on")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void keepsTheClientsDirection(HttpVersion version, Way way) throws Exception {
        try (var client = egress.connect(version)) {
            var tunnel = tunnel(client, way);
            try (var socket = accept()) {
                write(socket, "greeting");
                socket.shutdownOutput();
                assertThat(way.hear(tunnel, 8)).isEqualTo("greeting");
                way.hearFinish(tunnel);
                way.say(tunnel, "still here");
                assertReads(socket, "still here");
                way.say(tunnel, " and here");
                way.finish(tunnel);
                assertReads(socket, " and here");
                assertFin(socket);
            }
            if (way == Way.CONNECT_TCP) {
                tunnel.finish();
                assertThat(tunnel.awaitEnd()).isEmpty();
            }
        }
    }

    @DisplayName("case 47, R4 9114 4.4, R9: a reset of the target is CONNECT_ERROR")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void passesOnTheTargetsReset(HttpVersion version, Way way) throws Exception {
        try (var client = egress.connect(version)) {
            var tunnel = tunnel(client, way);
            try (var socket = accept()) {
                way.say(tunnel, "hello");
                assertReads(socket, "hello");
                socket.setSoLinger(true, 0);
            }
            tunnel.awaitReset(ResetCause.CONNECT_ERROR);
        }
    }

    @DisplayName("R4 9114 4.4, R9: a reset of the client resets the target")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void passesOnTheClientsReset(HttpVersion version, Way way) throws Exception {
        try (var client = egress.connect(version)) {
            var tunnel = tunnel(client, way);
            try (var socket = accept()) {
                way.say(tunnel, "hello");
                assertReads(socket, "hello");
                tunnel.reset();
                assertReset(socket);
            }
        }
    }

    @DisplayName("R4 9114 4.4: the end of the client's connection resets the target")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void resetsTheTargetWithTheConnection(HttpVersion version, Way way) throws Exception {
        try (var client = egress.connect(version)) {
            var tunnel = tunnel(client, way);
            try (var socket = accept()) {
                way.say(tunnel, "hello");
                assertReads(socket, "hello");
                if (version == HttpVersion.H1) { // Whose close_notify would be a FIN.
                    tunnel.reset();
                } else {
                    client.close();
                }
                assertReset(socket);
            }
        }
    }

    @DisplayName("R4 9114 4.4, 9110 9.3.6: a client that has finished may go, for a while")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void letsATargetTakeItsTimeWhenTheConnectionIsLostBehindFin(HttpVersion version, Way way)
            throws Exception {
        var drain = Duration.ofSeconds(1);
        try (var lingering = TestEgress.start(TestEgress.drainingFor(drain));
                var client = lingering.connect(version)) {
            var tunnel = tunnel(client, way);
            try (var socket = accept()) {
                way.say(tunnel, "request");
                way.finish(tunnel);
                assertReads(socket, "request");
                assertFin(socket);
                long lost = System.nanoTime();
                close(client, tunnel);
                // Only what is sent to it shows that a client of HTTP/1.1 is gone.
                Await.until("the target is reset", () -> cannotWrite(socket));
                assertThat(Duration.ofNanos(System.nanoTime() - lost)).isGreaterThan(drain);
            }
            lingering.awaitNoTunnel();
        }
    }

    @DisplayName("R4 9114 4.4: without a time to drain, the end of the connection is a reset")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void resetsTheTargetWithTheConnectionBehindFin(HttpVersion version, Way way) throws Exception {
        try (var strict = TestEgress.start(TestEgress.drainingFor(Duration.ZERO));
                var client = strict.connect(version)) {
            var tunnel = tunnel(client, way);
            try (var socket = accept()) {
                way.finish(tunnel);
                assertFin(socket);
                close(client, tunnel);
                Await.until("the target is reset", () -> cannotWrite(socket));
            }
            strict.awaitNoTunnel();
        }
    }

    /// Ends the connection beneath a tunnel that the client has finished.
    private static void close(RawClient client, RawTunnel tunnel) throws Exception {
        if (client.version() == HttpVersion.H1) {
            tunnel.finish(); // Says close_notify; without it the end would be a reset.
        }
        client.close();
    }

    @DisplayName("R9: a stream that ends without FINAL_DATA resets the target")
    @ParameterizedTest(name = "{displayName} over {0}")
    @EnumSource
    void takesAnEndWithoutFinalDataForAReset(HttpVersion version) throws Exception {
        try (var client = egress.connect(version)) {
            var tunnel = tunnel(client, Way.CONNECT_TCP);
            try (var socket = accept()) {
                Way.CONNECT_TCP.say(tunnel, "hello");
                assertReads(socket, "hello");
                tunnel.finish();
                assertReset(socket);
            }
        }
    }

    @DisplayName("R9: DATA or FINAL_DATA after FINAL_DATA is malformed")
    @ParameterizedTest(name = "{displayName}, with {2} bytes over {0}")
    @MethodSource("afterTheEnd")
    void refusesDataAfterFinalData(HttpVersion version, long type, int length) throws Exception {
        try (var client = egress.connect(version)) {
            var tunnel = tunnel(client, Way.CONNECT_TCP);
            try (var socket = accept()) {
                tunnel.send(
                        RawBytes.concat(
                                CapsuleBytes.capsule(NEWEST.finalData(), "x".getBytes(UTF_8)),
                                CapsuleBytes.capsule(type, new byte[length])));
                tunnel.awaitReset(ResetCause.MESSAGE_ERROR);
                Await.until("the target cannot write any more", () -> cannotWrite(socket));
            }
        }
    }

    private static boolean cannotWrite(Socket socket) {
        try {
            write(socket, "x");
            return false;
        } catch (IOException _) {
            return true;
        }
    }

    static Stream<Arguments> afterTheEnd() {
        return Arrays.stream(HttpVersion.values())
                .flatMap(version ->
                        Stream.of(
                                Arguments.of(version, NEWEST.data(), 1),
                                Arguments.of(version, NEWEST.finalData(), 0)));
    }

    @DisplayName("case 45: bytes that the target sends before the answer follow it in order")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void holdsTheTargetsFirstBytes(HttpVersion version, Way way) throws Exception {
        try (var client = egress.connect(version)) {
            var tunnel = way.ask(client, server.getLocalPort());
            try (var socket = accept()) {
                write(socket, "220 ");
                write(socket, "ready");
                assertThat(tunnel.awaitHead().opens()).isTrue();
                assertThat(way.hear(tunnel, 9)).isEqualTo("220 ready");
                tunnel.reset();
            }
        }
    }

    @DisplayName("case 87, R9: bytes of the client before the answer go to the target")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void deliversEarlyBytes(HttpVersion version, Way way) throws Exception {
        try (var client = egress.connect(version)) {
            var tunnel = way.ask(client, server.getLocalPort());
            way.say(tunnel, "early");
            try (var socket = accept()) {
                assertReads(socket, "early");
                assertThat(tunnel.awaitHead().opens()).isTrue();
                tunnel.reset();
            }
        }
    }

    @DisplayName("case 79: a tunnel that is idle for too long ends with CONNECT_ERROR")
    @ParameterizedTest(name = NAMED)
    @MethodSource("ways")
    void endsIdleTunnels(HttpVersion version, Way way) throws Exception {
        try (var impatient = TestEgress.start(TestEgress.idleAfter(Duration.ofMillis(300)));
                var client = impatient.connect(version)) {
            var tunnel = tunnel(client, way);
            try (var socket = accept()) {
                tunnel.awaitReset(ResetCause.CONNECT_ERROR);
                assertReset(socket);
            }
            impatient.awaitNoTunnel();
        }
    }
}
