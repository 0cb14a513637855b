package org.masquerelay.cli.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.stack.Stack.Jars;
import org.masquerelay.cli.stack.Stack.PrivateTargets;
import tools.jackson.databind.json.JsonMapper;

/// `relay proxy` as its user starts and stops it.
final class ProxyProcessIT {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
    private static final Path CLI = CHECKOUT.resolve("relay-cli/target/relay-cli-exec.jar");
    private static final Jars JARS =
            new Jars(
                    CHECKOUT.resolve("ingress-app/target/ingress-app-exec.jar"),
                    CHECKOUT.resolve("egress-app/target/egress-app-exec.jar"));

    @TempDir private Path directory = Path.of("");

    @Test
    @Timeout(180)
    void saysWhereItListensCarriesBytesAndEndsWhenToldTo() throws Exception {
        var settings =
                new Stack.Settings(
                        JARS, directory, Ports.free(), null, List.of(), Duration.ofSeconds(90));
        var log = directory.resolve("proxy.log");
        try (var stack = Stack.prepare(settings);
                var target = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            stack.start(PrivateTargets.ALLOWED);
            var proxy = start(stack, log);
            try (var out = proxy.inputReader(UTF_8);
                    var client = connect(out)) {
                open(client, target.getLocalPort());
                try (var peer = target.accept()) {
                    client.getOutputStream().write('x');
                    assertThat(peer.getInputStream().read()).isEqualTo('x');

                    proxy.toHandle().destroy(); // SIGTERM; the output stays readable

                    assertThat(proxy.waitFor(10, TimeUnit.SECONDS)).isTrue();
                    assertThat(proxy.exitValue()).isEqualTo(128 + 15);
                    assertThatThrownBy(() -> client.getInputStream().read())
                            .isInstanceOf(IOException.class);
                }
                assertThat(out.readLine()).isNull();
            } finally {
                proxy.destroyForcibly();
            }
            assertThat(Files.readString(log)).isEmpty();
        }
    }

    private static Process start(Stack stack, Path log) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-jar",
                        CLI.toString(),
                        "proxy",
                        "--relay",
                        stack.ingressAddress().toString(),
                        "--ca",
                        stack.clientAnchors().toString(),
                        "--listen",
                        "127.0.0.1:0",
                        "--json")
                .redirectError(log.toFile())
                .start();
    }

    private static Socket connect(BufferedReader out) throws IOException {
        var ready = JsonMapper.shared().readTree(String.valueOf(out.readLine()));
        assertThat(ready.get("address").asString()).isEqualTo("127.0.0.1");
        assertThat(ready.get("transport").asString()).isIn("h3", "h2", "h1");
        var socket = new Socket("127.0.0.1", ready.get("port").asInt());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void open(Socket client, int port) throws IOException {
        var request = "050100" + "050100017f000001" + HexFormat.of().toHexDigits((short) port);
        client.getOutputStream().write(HexFormat.of().parseHex(request));
        assertThat(client.getInputStream().readNBytes(12))
                .asHexString()
                .isEqualTo("0500" + "05000001000000000000");
    }
}
