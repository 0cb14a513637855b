package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.proxy.LocalProxy;
import org.masquerelay.cli.proxy.LocalProxy.Protocol;
import org.masquerelay.cli.proxy.SharedRelay;
import org.masquerelay.wire.HostPort;

/// Programs that speak SOCKS and HTTP, through a local proxy and both hops.
@Timeout(90)
final class LocalProxyTest {
    private static final List<String> ALLOW_PRIVATE =
            List.of("--relay.egress.allow-private=true", "--relay.egress.connect-timeout=2s");

    @TempDir static Path directory;
    private static TwoHops hops;
    private static Targets targets;

    @BeforeAll
    static void start() throws IOException {
        targets = new Targets();
        hops = TwoHops.start(directory, ALLOW_PRIVATE, List.of());
    }

    @AfterAll
    static void stop() throws Exception {
        hops.close();
        targets.close();
    }

    /// A proxy on a free port, with its own connection to whatever relay is current.
    private static final class RunningProxy implements AutoCloseable {
        private final SharedRelay relay;
        private final LocalProxy proxy;

        RunningProxy(AtomicReference<TwoHops> current) throws IOException {
            var origin = current.get().clientSettings().relay();
            relay =
                    new SharedRelay(
                            () -> current.get().connect(),
                            new HostPort("localhost", origin.port()),
                            _ -> {});
            proxy =
                    LocalProxy.listen(
                            LocalProxy.Settings.standard(
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                    EnumSet.allOf(Protocol.class),
                                    64),
                            relay);
            Thread.ofPlatform()
                    .daemon()
                    .start(() -> {
                        try {
                            proxy.serve();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    });
        }

        Socket connect() throws IOException {
            var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort());
            socket.setSoTimeout(20_000);
            return socket;
        }

        /// Asks for a tunnel; the code of the reply.
        int open(Socket client, HostPort target) throws IOException {
            return request(client, 0x01, target)[1];
        }

        byte[] request(Socket client, int command, HostPort target) throws IOException {
            var message = new ByteArrayOutputStream();
            message.writeBytes(new byte[] {5, 1, 0, 5, (byte) command, 0});
            message.writeBytes(address(target));
            client.getOutputStream().write(message.toByteArray());
            var in = new DataInputStream(client.getInputStream());
            byte[] reply = new byte[12];
            in.readFully(reply);
            assertThat(Arrays.copyOf(reply, 3)).containsExactly(5, 0, 5);
            return Arrays.copyOfRange(reply, 2, 12);
        }

        @Override
        public void close() {
            proxy.close();
            relay.close();
        }
    }

    private static RunningProxy proxy() throws IOException {
        return new RunningProxy(new AtomicReference<>(hops));
    }

    /// As a name, whatever it is.
    private static byte[] address(HostPort target) {
        byte[] host = target.host().getBytes(UTF_8);
        byte[] address = new byte[host.length + 4];
        address[0] = 3;
        address[1] = (byte) host.length;
        System.arraycopy(host, 0, address, 2, host.length);
        address[host.length + 2] = (byte) (target.port() >>> 8);
        address[host.length + 3] = (byte) target.port();
        return address;
    }

    @Test
    void carriesBytesAndTheEndOfEachDirection() throws Exception {
        try (var proxy = proxy();
                var client = proxy.connect()) {
            assertThat(proxy.open(client, targets.tcp())).isZero();
            byte[] sent = new byte[3_000_000];
            new Random(1).nextBytes(sent);
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            client.getOutputStream().write(sent);
                            client.shutdownOutput();
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });

            assertThat(client.getInputStream().readAllBytes()).isEqualTo(sent);
        }
    }

    @Test
    void carriesAResetBothWays() throws Exception {
        try (var proxy = proxy();
                var target = new ServerSocket(0, 2, InetAddress.getLoopbackAddress());
                var one = proxy.connect();
                var two = proxy.connect()) {
            var at = new HostPort("127.0.0.1", target.getLocalPort());
            assertThat(proxy.open(one, at)).isZero();
            try (var peer = target.accept()) {
                one.setSoLinger(true, 0);
                one.close();
                peer.setSoTimeout(20_000);
                assertThatThrownBy(() -> peer.getInputStream().read())
                        .isInstanceOf(SocketException.class);
            }
            assertThat(proxy.open(two, at)).isZero();
            try (var peer = target.accept()) {
                peer.setSoLinger(true, 0);
            }
            assertThatThrownBy(() -> two.getInputStream().read())
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void carriesDatagrams() throws Exception {
        try (var proxy = proxy();
                var client = proxy.connect();
                var socket = new DatagramSocket()) {
            byte[] reply = proxy.request(client, 0x03, new HostPort("unknown.invalid", 1));
            assertThat(reply[1]).isZero();
            int port = (reply[8] & 0xff) << 8 | (reply[9] & 0xff);
            var message = new ByteArrayOutputStream();
            message.writeBytes(new byte[3]);
            message.writeBytes(address(targets.udp()));
            message.writeBytes("ping".getBytes(UTF_8));
            byte[] packet = message.toByteArray();
            socket.setSoTimeout(20_000);
            socket.send(
                    new DatagramPacket(
                            packet, packet.length, InetAddress.getLoopbackAddress(), port));
            var answer = new DatagramPacket(new byte[2000], 2000);
            socket.receive(answer);

            assertThat(Arrays.copyOf(answer.getData(), answer.getLength())).isEqualTo(packet);
        }
    }

    @Test
    void saysWhatTheRelayRefuses() throws Exception {
        try (var proxy = proxy();
                var one = proxy.connect();
                var two = proxy.connect();
                var three = proxy.connect()) {
            assertThat(proxy.open(one, new HostPort("127.0.0.1", 1))).isEqualTo(0x05);
            assertThat(proxy.open(two, new HostPort("nowhere.invalid", 80))).isEqualTo(0x04);
            three.getOutputStream()
                    .write("CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(UTF_8));
            assertThat(three.getInputStream().readAllBytes())
                    .asString(UTF_8)
                    .startsWith(
                            "HTTP/1.1 502 Bad Gateway\r\nProxy-Status: \"egress\";error=connection_refused")
                    .contains("\"relay-proxy\"\r\n");
        }
    }

    @Test
    void goesOnWithAnotherConnectionWhenTheRelayWasLost(@TempDir Path other) throws Exception {
        try (var first = TwoHops.start(other, ALLOW_PRIVATE, List.of())) {
            var current = new AtomicReference<>(first);
            try (var proxy = new RunningProxy(current);
                    var before = proxy.connect();
                    var after = proxy.connect()) {
                assertThat(proxy.open(before, targets.tcp())).isZero();
                first.stopIngress();
                current.set(hops);

                assertThatThrownBy(() -> before.getInputStream().read())
                        .isInstanceOf(SocketException.class);
                assertThat(proxy.open(after, targets.tcp())).isZero();
            }
        }
    }
}
