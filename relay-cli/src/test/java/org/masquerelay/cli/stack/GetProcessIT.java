package org.masquerelay.cli.stack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.stack.Stack.Jars;
import org.masquerelay.cli.stack.Stack.PrivateTargets;
import org.masquerelay.cli.targets.TargetCertificate;
import org.masquerelay.cli.targets.WebTarget;

/// `relay get` where no datagram gets through.
final class GetProcessIT {
    private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
    private static final Path CLI = CHECKOUT.resolve("relay-cli/target/relay-cli-exec.jar");
    private static final Jars JARS =
            new Jars(
                    CHECKOUT.resolve("ingress-app/target/ingress-app-exec.jar"),
                    CHECKOUT.resolve("egress-app/target/egress-app-exec.jar"));

    @TempDir private Path directory = Path.of("");

    private record Run(int status, String out, String err) {}

    @Test
    @Timeout(300)
    void fallsBackToTcpUnlessToldNotTo() throws Exception {
        var ports = Ports.freeAndOneWithoutUdp();
        var settings =
                new Stack.Settings(JARS, directory, ports, null, List.of(), Duration.ofSeconds(90));
        var certificate = TargetCertificate.forNames(List.of("localhost"));
        Files.writeString(directory.resolve("target.crt"), certificate.pem());
        try (var stack = Stack.prepare(settings);
                var web = WebTarget.start(certificate);
                var _ = silentUdp(ports.ingressWithoutUdp().orElseThrow())) {
            stack.start(PrivateTargets.ALLOWED);
            String url = "https://localhost:" + web.port() + "/";

            var raced = get(stack, url, "--head-starts", "250ms,60s", "--timeout", "60s", "-v");
            var alone = get(stack, url, "--transports", "h3", "--timeout", "2s");
            var oldest = get(stack, url, "--transports", "h3,h1", "--timeout", "60s", "-v");

            assertThat(raced.status()).as(raced.err()).isZero();
            assertThat(raced.out()).isEqualTo(WebTarget.PAGE);
            assertThat(raced.err()).contains("a TCP tunnel is open over h2");
            assertThat(alone.status()).isEqualTo(69);
            assertThat(alone.err())
                    .isEqualTo(
                            "relay get: the relay at %s cannot be reached: the relay did not answer in time\n"
                                    .formatted(stack.ingressAddressWithoutUdp()));
            assertThat(oldest.out()).as(oldest.err()).isEqualTo(WebTarget.PAGE);
            assertThat(oldest.err()).contains("a TCP tunnel is open over h1");
        }
    }

    private static DatagramSocket silentUdp(int port) throws IOException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private Run get(Stack stack, String url, String... options) throws Exception {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-jar",
                                CLI.toString(),
                                "get",
                                "--relay",
                                stack.ingressAddressWithoutUdp().toString(),
                                "--ca",
                                stack.clientAnchors().toString(),
                                "--cacert",
                                directory.resolve("target.crt").toString(),
                                url));
        command.addAll(List.of(options));
        var err = directory.resolve("get.log");
        var process = new ProcessBuilder(command).redirectError(err.toFile()).start();
        try (var out = process.getInputStream()) {
            String page = new String(out.readAllBytes(), UTF_8);
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
            return new Run(process.exitValue(), page, Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }
}
