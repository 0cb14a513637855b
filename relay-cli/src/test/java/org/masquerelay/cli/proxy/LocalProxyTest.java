package org.masquerelay.cli.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.cli.proxy.LocalProxy.Protocol;

@Timeout(60)
final class LocalProxyTest {
    private static final String GREETING = "050100";

    private final DirectTunnels tunnels = new DirectTunnels();
    private RunningProxy proxy;
    private ServerSocket target;

    LocalProxyTest() throws IOException {
        target = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        proxy = RunningProxy.start(tunnels);
    }

    @BeforeEach
    void limitWaiting() throws IOException {
        target.setSoTimeout(10_000);
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        target.close();
    }

    private Socket accepted() throws IOException {
        var socket = target.accept();
        socket.setSoTimeout(10_000);
        return socket;
    }

    /// How a client asks for a tunnel to the target, and what it hears then.
    record Asking(String name, List<String> sends, List<String> hears) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Asking> askings() {
        String done = "05000001000000000000";
        return List.of(
                new Asking(
                        "IPv4", List.of(GREETING, "050100017f000001PORT"), List.of("0500", done)),
                new Asking(
                        "IPv4 in IPv6",
                        List.of(GREETING, "0501000400000000000000000000ffff7f000001PORT"),
                        List.of("0500", done)),
                new Asking(
                        "a name",
                        List.of(GREETING, "05010003" + "0b7765622e6578616d706c65" + "PORT"),
                        List.of("0500", done)),
                new Asking(
                        "several methods, byte by byte",
                        List.of("05", "03", "02", "00", "01", "0501", "00" + "017f0000", "01PORT"),
                        List.of("0500", done)),
                new Asking(
                        "HTTP",
                        List.of(
                                hex("CONNECT web.example:")
                                        + "TEXT"
                                        + hex(" HTTP/1.1\r\nHost: x\r\n\r\n")),
                        List.of(hex("HTTP/1.1 200 Connection established\r\n\r\n"))),
                new Asking(
                        "HTTP/1.0 without a Host",
                        List.of(hex("CONNECT 127.0.0.1:") + "TEXT" + hex(" HTTP/1.0\r\n\r\n")),
                        List.of(hex("HTTP/1.1 200 Connection established\r\n\r\n"))));
    }

    @ParameterizedTest
    @MethodSource("askings")
    void opensATunnelAndCarriesBytesBothWays(Asking asking) throws Exception {
        try (var client = proxy.connect()) {
            for (String part : asking.sends()) {
                client.sends(withPort(part));
            }
            for (String part : asking.hears()) {
                assertThat(client.reads(part.length() / 2)).isEqualTo(part);
            }
            try (var peer = accepted()) {
                client.sends("c0ffee");
                assertThat(peer.getInputStream().readNBytes(3)).asHexString().isEqualTo("C0FFEE");
                peer.getOutputStream().write(new byte[] {1, 2, 3});
                assertThat(client.reads(3)).isEqualTo("010203");
            }
        }
    }

    @Test
    void passesOnWhatCameBeforeTheAnswer() throws Exception {
        try (var client = proxy.connect()) {
            client.sends(GREETING + withPort("050100017f000001PORT") + "c0ffee");
            try (var peer = accepted()) {
                assertThat(peer.getInputStream().readNBytes(3)).asHexString().isEqualTo("C0FFEE");
            }
        }
    }

    /// What a client sends, and the whole of what it hears before the end.
    record Refused(String name, String sends, String hears) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Refused> refusals() {
        return List.of(
                new Refused("SOCKS 4", "0401005000000001" + "00", "005b000000000000"),
                new Refused("a password only", "050102", "05ff"),
                new Refused("no method at all", "0500", "05ff"),
                new Refused(
                        "BIND", GREETING + "05020001c00002010050", "0500" + "05070001000000000000"),
                new Refused(
                        "an unknown type of address",
                        GREETING + "05010009c00002010050",
                        "0500" + "05080001000000000000"),
                new Refused(
                        "another version after the greeting",
                        GREETING + "04010001c00002010050",
                        "0500" + "05010001000000000000"),
                new Refused(
                        "a name without a character",
                        GREETING + "05010003000050",
                        "0500" + "05040001000000000000"),
                new Refused(
                        "a target that refuses",
                        GREETING + "050100017f0000010001",
                        "0500" + "05050001000000000000"),
                new Refused("half a greeting, and the end", "0503", ""),
                new Refused("nothing, and the end", "", ""));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void saysWhatItRefuses(Refused refused) throws Exception {
        try (var client = proxy.connect()) {
            client.sends(refused.sends());
            client.socket().shutdownOutput();

            assertThat(HexFormat.of().formatHex(client.in().readAllBytes()))
                    .isEqualTo(refused.hears());
        }
    }

    @Test
    void endsARefusalWithoutAResetWhateverElseTheClientSends() throws Exception {
        try (var client = proxy.connect()) {
            client.sends(GREETING + "05020001c00002010050" + "00".repeat(5000));

            assertThat(client.reads(12)).isEqualTo("0500" + "05070001000000000000");
            assertThat(client.in().read()).isEqualTo(-1);
        }
    }

    /// What an HTTP client sends, and how the answer begins.
    record Answer(String sends, String begins) {}

    static List<Answer> answers() {
        String host = " HTTP/1.1\r\nHost: x\r\n\r\n";
        return List.of(
                new Answer(
                        "GET http://web.example/" + host,
                        "HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\n"),
                new Answer("POST /" + host + "CONNECT a:1" + host, "HTTP/1.1 405 "),
                new Answer("BREW /" + host, "HTTP/1.1 501 "),
                new Answer("connect a:1" + host, "HTTP/1.1 501 "),
                new Answer("CONNECT web.example" + host, "HTTP/1.1 400 "),
                new Answer("CONNECT web.example:0" + host, "HTTP/1.1 400 "),
                new Answer("CONNECT web.example:65536" + host, "HTTP/1.1 400 "),
                new Answer("CONNECT http://web.example:80/" + host, "HTTP/1.1 400 "),
                new Answer("CONNECT user@web.example:80" + host, "HTTP/1.1 400 "),
                new Answer("CONNECT ::1:80" + host, "HTTP/1.1 400 "),
                new Answer(
                        "CONNECT 127.0.0.1:1" + host,
                        "HTTP/1.1 502 Bad Gateway\r\nProxy-Status: \"egress\";error=connection_refused, \"relay-proxy\"\r\n"));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void answersInHttpWhatItRefuses(Answer answer) throws Exception {
        try (var client = proxy.connect()) {
            client.says(answer.sends());

            assertThat(client.readsAll())
                    .startsWith(answer.begins())
                    .contains("\r\nConnection: close\r\n\r\n")
                    .containsOnlyOnce("HTTP/1.1 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "05", "0502", GREETING, GREETING + "0501", "434f4e"})
    void givesUpOnAClientThatIsTooSlow(String sends) throws Exception {
        try (var client = proxy.connect()) {
            long start = System.nanoTime();
            client.sends(sends);

            client.readsAll();

            assertThat(System.nanoTime() - start)
                    .isGreaterThan(RunningProxy.PATIENCE.toNanos() / 2)
                    .isLessThan(TimeUnit.SECONDS.toNanos(5));
        }
    }

    @Test
    void isNotKeptWaitingByAByteNowAndThen() throws Exception {
        try (var client = proxy.connect()) {
            client.says("CONNECT ");
            assertThatThrownBy(
                            () -> {
                                for (int i = 0; i < 200; i++) {
                                    client.says("a");
                                    TimeUnit.MILLISECONDS.sleep(
                                            50); // The slowness is what is tested.
                                }
                            })
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void carriesTheEndOfEachDirectionOnItsOwn() throws Exception {
        try (var client = proxy.connect().connectsTo(target.getLocalPort());
                var peer = accepted()) {
            client.sends("aa");
            client.socket().shutdownOutput();
            assertThat(peer.getInputStream().readAllBytes()).hasSize(1);
            peer.getOutputStream().write(new byte[] {1, 2});
            peer.shutdownOutput();
            assertThat(client.in().readAllBytes()).hasSize(2);
        }
    }

    @Test
    void carriesOnAfterTheTargetHasFinished() throws Exception {
        try (var client = proxy.connect().connectsTo(target.getLocalPort());
                var peer = accepted()) {
            peer.shutdownOutput();
            assertThat(client.in().read()).isEqualTo(-1);
            client.sends("aabb");
            client.socket().shutdownOutput();
            assertThat(peer.getInputStream().readAllBytes()).hasSize(2);
        }
    }

    @Test
    void resetsTheTunnelOfAClientThatResets() throws Exception {
        try (var client = proxy.connect().connectsTo(target.getLocalPort());
                var peer = accepted()) {
            client.socket().setSoLinger(true, 0);
            client.socket().close();

            assertThatThrownBy(() -> peer.getInputStream().read())
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void resetsTheClientOfATunnelThatWasReset() throws Exception {
        try (var client = proxy.connect().connectsTo(target.getLocalPort());
                var peer = accepted()) {
            peer.setSoLinger(true, 0);
            peer.close();

            assertThatThrownBy(() -> client.in().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void leavesNoDirectionOpenForEverAfterTheOther() throws Exception {
        try (var client = proxy.connect().connectsTo(target.getLocalPort());
                var peer = accepted()) {
            client.socket().shutdownOutput();
            assertThat(peer.getInputStream().read()).isEqualTo(-1);

            assertThatThrownBy(() -> client.in().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void makesAFastSenderWaitForASlowReader() throws Exception {
        try (var client = proxy.connect().connectsTo(target.getLocalPort());
                var peer = accepted()) {
            byte[] block = new byte[1 << 20];
            int blocks = 64;
            var sender =
                    CompletableFuture.runAsync(() -> {
                        try {
                            for (int i = 0; i < blocks; i++) {
                                client.socket().getOutputStream().write(block);
                            }
                            client.socket().shutdownOutput();
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });
            // Only what the kernels and the proxy hold can be on its way while nobody reads.
            assertThatThrownBy(() -> sender.get(1, TimeUnit.SECONDS))
                    .isInstanceOf(TimeoutException.class);

            long total = peer.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());

            assertThat(total).isEqualTo((long) blocks * block.length);
            sender.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void letsFurtherClientsWaitForAPlace() throws Exception {
        var settings = RunningProxy.settings();
        var one =
                new LocalProxy.Settings(
                        settings.listen(),
                        settings.protocols(),
                        1,
                        settings.patience(),
                        settings.halfClosedIdle(),
                        1,
                        settings.associations());
        try (var small = new RunningProxy(LocalProxy.listen(one, tunnels));
                var first = small.connect().connectsTo(target.getLocalPort());
                var second = small.connect()) {
            second.sends(GREETING);
            second.socket().setSoTimeout(300);
            assertThatThrownBy(() -> second.reads(2))
                    .isInstanceOf(java.net.SocketTimeoutException.class);

            first.close();

            second.socket().setSoTimeout(10_000);
            assertThat(second.reads(2)).isEqualTo("0500");
        }
    }

    @Test
    void speaksOnlyWhatItIsToldTo() throws Exception {
        try (var socks = only(Protocol.SOCKS5);
                var http = only(Protocol.HTTP);
                var browser = socks.connect();
                var other = http.connect()) {
            browser.says("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThatThrownBy(() -> browser.reads(1)).isInstanceOf(IOException.class);
            other.sends(GREETING + "0a0a");
            assertThat(other.readsAll()).startsWith("HTTP/1.1 400 ");
        }
    }

    private RunningProxy only(Protocol protocol) throws IOException {
        var listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new RunningProxy(
                LocalProxy.listen(
                        LocalProxy.Settings.standard(listen, EnumSet.of(protocol), 8), tunnels));
    }

    @Test
    void endsItsClientsWhenItIsClosed() throws Exception {
        try (var client = proxy.connect().connectsTo(target.getLocalPort());
                var peer = accepted()) {
            proxy.close();

            assertThatThrownBy(() -> client.in().read()).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> peer.getInputStream().read())
                    .isInstanceOf(SocketException.class);
            Waiting.until("it serves no more", () -> !proxy.isServing());
            assertThatThrownBy(proxy::connect).isInstanceOf(IOException.class);
        }
    }

    private String withPort(String text) {
        int port = target.getLocalPort();
        return text.replace("PORT", HexFormat.of().toHexDigits((short) port))
                .replace("TEXT", hex(Integer.toString(port)));
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
}
