package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.egress.EgressApp;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.ManagementPort;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;

/// A relay as a process of its own, and the signals that stop it.
@Timeout(180)
final class StopSignalsTest {
    /// What 128 and the number of SIGTERM make.
    private static final int TERMINATED = 143;

    private static final Pattern LISTENING =
            Pattern.compile("Listening: main on UDP and TCP /127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern MANAGEMENT = Pattern.compile("Netty started on port (\\d+)");
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(30);

    @TempDir Path directory;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void kill() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void drainsWithTheFirstAndEndsWithTheLastTunnel() throws Exception {
        var process = start("10m");
        try (var targets = new Targets();
                var client = connect(HttpVersion.H3)) {
            var running = open(client, targets);

            process.destroy();

            awaitLine(Pattern.compile("Draining (1) tunnels for at most PT10M"), STOP);
            var management = new ManagementPort(port(MANAGEMENT));
            assertThat(management.get("/actuator/health/readiness").statusCode()).isEqualTo(503);
            assertThat(management.send("DELETE", "/actuator/drain", "").statusCode())
                    .isEqualTo(409);
            try (var late = connect(HttpVersion.H2)) {
                assertThat(late.connect(targets.tcp().toString()).awaitHead().status())
                        .isEqualTo(503);
            }
            assertEchoes(running);
            assertThat(process.isAlive()).isTrue();
            running.finish();
            assertThat(running.awaitEnd()).isEmpty();
            assertThat(process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(TERMINATED);
        }
    }

    @Test
    void endsTheTunnelsThatAreLeftWhenTheDrainIsOver() throws Exception {
        var process = start("1s");
        try (var targets = new Targets();
                var h3 = connect(HttpVersion.H3);
                var h1 = connect(HttpVersion.H1)) {
            open(h3, targets);
            var overTcp = open(h1, targets);

            process.destroy();

            assertThat(process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(TERMINATED);
            overTcp.awaitReset(ResetCause.CANCELLED);
            assertThat(log()).contains("The drain is over, ending 2 tunnels");
        }
    }

    @Test
    void endsAtOnceWithTheSecond() throws Exception {
        var process = start("10m");
        try (var targets = new Targets();
                var client = connect(HttpVersion.H3)) {
            assertEchoes(open(client, targets));
            process.destroy();
            process.toHandle().destroy();
            awaitLine(Pattern.compile("Draining (1) tunnels"), STOP);
            long drained = System.nanoTime();
            Await.until(
                    "more than a second is over",
                    () -> System.nanoTime() - drained > Duration.ofMillis(1100).toNanos());
            assertThat(process.isAlive()).as("two at once are one").isTrue();

            process.toHandle().destroy();

            assertThat(process.waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(TERMINATED);
            assertThat(log()).contains("SIGTERM again: ending at once");
        }
    }

    private Process start(String drainTimeout) throws Exception {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                EgressApp.class.getName()));
        command.addAll(
                List.of(
                        "--spring.config.location=classpath:relay-management.yml",
                        "--spring.jmx.enabled=false",
                        "--server.port=0",
                        "--relay.event-loops=1",
                        "--relay.development.directory=" + directory.resolve("pki"),
                        "--relay.egress.clients=any",
                        "--relay.egress.allow-private=true",
                        "--relay.listeners[0].address=127.0.0.1",
                        "--relay.listeners[0].port=0",
                        "--relay.drain.timeout=" + drainTimeout));
        var process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("log").toFile())
                        .start();
        started.add(process);
        awaitLine(LISTENING, START);
        awaitLine(Pattern.compile("Started EgressApp"), START);
        return process;
    }

    private void awaitLine(Pattern pattern, Duration patience) {
        Await.until(pattern.pattern(), patience, () -> pattern.matcher(log()).find());
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("log"), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int port(Pattern pattern) {
        var found = pattern.matcher(log());
        assertThat(found.find()).isTrue();
        return Integer.parseInt(found.group(1));
    }

    private RawClient connect(HttpVersion version) throws Exception {
        return RawClient.connect(
                version,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port(LISTENING)),
                DevelopmentPki.open(directory.resolve("pki"), Clock.systemUTC()).client());
    }

    private static RawTunnel open(RawClient client, Targets targets) throws Exception {
        var tunnel = client.connect(targets.tcp().toString());
        assertThat(tunnel.awaitHead().status()).isEqualTo(200);
        return tunnel;
    }

    private static void assertEchoes(RawTunnel tunnel) throws Exception {
        tunnel.send("hello");
        assertThat(tunnel.awaitText(5)).isEqualTo("hello");
    }
}
