package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.H2Bytes;
import org.masquerelay.testkit.RawH1Client;
import org.masquerelay.testkit.RawH2Client;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// Listeners of an ingress by version, port and limits. Every request comes without a token, so
/// what a listener serves is asked for one: a CONNECT with 407.
final class ListenersTest {
    private static final int ASKED_AS_A_PROXY = 407;
    private static final int TOO_LARGE = 431;
    private static final int H3_EXCESSIVE_LOAD = 0x107;

    /// The longest payload of a frame that every peer takes (RFC 9113, section 4.2), in bytes.
    private static final int H2_FRAME = 16_384;

    @TempDir static Path home;

    private static ConfigurableApplicationContext app;
    private static List<InetSocketAddress> addresses;
    private static TlsMaterial tls;
    private static int sharedPort;

    /// The listeners, in the order of the configuration.
    private enum Listener {
        H3(0, "versions=h3"),
        H2(1, "versions=h2"),
        H1(2, "versions=h1"),
        H3_OF_TWO(3, "versions=h3"),
        TCP_OF_TWO(4, "versions=h2,h1", "tls-provider=jdk"),
        ROOMY(5, "limits.max-header-size=64KB"),
        NARROW(6, "limits.max-header-size=8KB", "limits.max-header-fields=20");

        private final int index;
        private final String first;
        private final String second;

        Listener(int index, String first) {
            this(index, first, "max-connections-per-address=100");
        }

        Listener(int index, String first, String second) {
            this.index = index;
            this.first = first;
            this.second = second;
        }

        private boolean sharesItsPort() {
            return this == H3_OF_TWO || this == TCP_OF_TWO;
        }

        InetSocketAddress address() {
            return addresses.get(index);
        }

        List<String> arguments() {
            String prefix = "--relay.listeners[" + index + "].";
            return List.of(
                    prefix + "name=l" + index,
                    prefix + "address=127.0.0.1",
                    prefix + "port=" + (sharesItsPort() ? sharedPort : 0),
                    prefix + first,
                    prefix + second);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        sharedPort = portFreeOnBoth();
        var arguments = new ArrayList<String>();
        arguments.add("--server.port=0");
        arguments.add("--relay.event-loops=1");
        arguments.add("--relay.drain.timeout=0s");
        arguments.add("--relay.development.directory=" + home);
        for (var listener : Listener.values()) {
            arguments.addAll(listener.arguments());
        }
        app = new SpringApplicationBuilder(IngressApp.class).run(arguments.toArray(String[]::new));
        addresses = app.getBean(RelayLifecycle.class).addresses();
        tls = DevelopmentPki.open(home, Clock.systemUTC()).client();
    }

    private static int portFreeOnBoth() throws IOException {
        while (true) {
            try (var stream = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    var _ = new DatagramSocket(stream.getLocalSocketAddress())) {
                return stream.getLocalPort();
            } catch (BindException _) {
                // Somebody has the UDP port of this number: take another.
            }
        }
    }

    @AfterAll
    static void stop() {
        app.close();
        LeakPresenceDetector.check();
    }

    @Test
    void servesHttp3AndNothingElseWhereOnlyItIsAskedFor() throws Exception {
        assertThat(ask(Listener.H3, HttpVersion.H3)).isEqualTo(ASKED_AS_A_PROXY);
        assertNoTcp(Listener.H3.address());
    }

    @Test
    void servesHttp2AndNothingElseWhereOnlyItIsAskedFor() throws Exception {
        assertThat(ask(Listener.H2, HttpVersion.H2)).isEqualTo(ASKED_AS_A_PROXY);
        assertThatThrownBy(() -> ask(Listener.H2, HttpVersion.H1)).isInstanceOf(IOException.class);
        assertNoUdp(Listener.H2.address());
    }

    @Test
    void servesHttp1AndNothingElseWhereOnlyItIsAskedFor() throws Exception {
        assertThat(ask(Listener.H1, HttpVersion.H1)).isEqualTo(ASKED_AS_A_PROXY);
        assertThatThrownBy(() -> ask(Listener.H1, HttpVersion.H2)).isInstanceOf(IOException.class);
        assertNoUdp(Listener.H1.address());
    }

    @Test
    void sharesAPortBetweenTwoListenersOfOtherVersions() throws Exception {
        assertThat(Listener.H3_OF_TWO.address().getPort())
                .isEqualTo(sharedPort)
                .isEqualTo(Listener.TCP_OF_TWO.address().getPort());

        assertThat(ask(Listener.H3_OF_TWO, HttpVersion.H3)).isEqualTo(ASKED_AS_A_PROXY);
        assertThat(ask(Listener.TCP_OF_TWO, HttpVersion.H2)).isEqualTo(ASKED_AS_A_PROXY);
        assertThat(ask(Listener.TCP_OF_TWO, HttpVersion.H1)).isEqualTo(ASKED_AS_A_PROXY);
    }

    @ParameterizedTest
    @EnumSource(HttpVersion.class)
    void takesLongHeadersOverEveryVersionWhereTheyAreAllowed(HttpVersion version) throws Exception {
        assertThat(ask(Listener.ROOMY, version, "x-long", "x".repeat(40_000)))
                .isEqualTo(ASKED_AS_A_PROXY);
    }

    @Test
    void refusesLongHeadersOverEveryVersionWhereTheyAreNotAllowed() throws Exception {
        String tooLong = "x".repeat(9000);

        assertThat(ask(Listener.NARROW, HttpVersion.H1, "x-long", tooLong)).isEqualTo(TOO_LARGE);
        assertThat(ask(Listener.NARROW, HttpVersion.H2, "x-long", tooLong)).isEqualTo(TOO_LARGE);
        try (var client = RawH3Client.connect(Listener.NARROW.address(), tls)) {
            client.request(connect("x-long", tooLong));
            assertThat(client.closeCode()).isEqualTo(H3_EXCESSIVE_LOAD);
        }
    }

    @ParameterizedTest
    @EnumSource(HttpVersion.class)
    void refusesManyFieldsOverEveryVersionWhereTheyAreNotAllowed(HttpVersion version)
            throws Exception {
        var fields = new String[42];
        java.util.Arrays.fill(fields, "x");

        assertThat(ask(Listener.NARROW, version, fields)).isEqualTo(TOO_LARGE);
    }

    /// The status of the answer to CONNECT with these further names and values of fields.
    private static int ask(Listener listener, HttpVersion version, String... fields)
            throws Exception {
        var address = listener.address();
        switch (version) {
            case H3 -> {
                try (var client = RawH3Client.connect(address, tls)) {
                    return client.request(connect(fields)).status();
                }
            }
            case H2 -> {
                try (var client = RawH2Client.connect(address, tls)) {
                    client.awaitSettings();
                    var stream = client.open();
                    var block = H2Bytes.block(connect(fields));
                    client.send(H2Bytes.headersInPieces(stream.id(), 0, block, H2_FRAME));
                    return stream.awaitStatus();
                }
            }
            case H1 -> {
                try (var client = RawH1Client.connect(address, tls)) {
                    var lines = new ArrayList<String>();
                    lines.add("CONNECT target.test:7 HTTP/1.1");
                    lines.add("Host: target.test:7");
                    for (int i = 0; i < fields.length; i += 2) {
                        lines.add(fields[i] + ": " + fields[i + 1]);
                    }
                    client.request(lines.toArray(String[]::new));
                    return client.awaitStatus();
                }
            }
        }
        throw new IllegalArgumentException("version: none");
    }

    private static String[] connect(String... fields) {
        var head = new ArrayList<>(List.of(":method", "CONNECT", ":authority", "target.test:7"));
        head.addAll(List.of(fields));
        return head.toArray(String[]::new);
    }

    private static void assertNoTcp(InetSocketAddress address) {
        assertThatThrownBy(() -> new Socket(address.getAddress(), address.getPort()).close())
                .isInstanceOf(ConnectException.class);
    }

    private static void assertNoUdp(InetSocketAddress address) throws IOException {
        // Would fail if anybody had it.
        try (var free = new DatagramSocket(address)) {
            assertThat(free.isBound()).isTrue();
        }
    }
}
