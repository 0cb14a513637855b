package org.masquerelay.gate.spent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/// A Redis of its own on a free port of the loopback address, to be killed, stopped and started.
///
/// Where no redis-server is installed the test is skipped, unless RELAY_REQUIRE_REDIS is set.
public final class RedisServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Path home;
    private final int port;
    private final List<String> persistence;
    private final List<LettuceConnectionFactory> factories = new ArrayList<>();
    private @Nullable Process process;

    private RedisServer(Path home, int port, List<String> persistence) {
        this.home = home;
        this.port = port;
        this.persistence = persistence;
    }

    /// Forgets everything when it ends.
    public static RedisServer inMemory(Path home) throws Exception {
        return started(home, List.of("--appendonly", "no"));
    }

    /// Answers only what is on the disk.
    public static RedisServer durable(Path home) throws Exception {
        return started(home, List.of("--appendonly", "yes", "--appendfsync", "always"));
    }

    private static RedisServer started(Path home, List<String> persistence) throws Exception {
        assumeTrue(
                isInstalled() || System.getenv("RELAY_REQUIRE_REDIS") != null,
                "redis-server is not installed: install it to run this test");
        var server = new RedisServer(home, freePort(), persistence);
        server.start();
        return server;
    }

    private static boolean isInstalled() {
        try {
            return new ProcessBuilder("redis-server", "--version").start().waitFor() == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public int port() {
        return port;
    }

    /// On the same port, with what it remembers.
    public void start() throws Exception {
        var command =
                new ArrayList<>(
                        List.of(
                                "redis-server",
                                "--bind",
                                "127.0.0.1",
                                "--port",
                                Integer.toString(port),
                                "--save",
                                "",
                                "--dir",
                                home.toString()));
        command.addAll(persistence);
        process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(home.resolve("redis.log").toFile())
                        .start();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!answers()) {
            if (System.nanoTime() > end || !process.isAlive()) {
                throw new AssertionError(
                        "redis-server: " + Files.readString(home.resolve("redis.log")));
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private boolean answers() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            socket.setSoTimeout(500);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            return socket.getInputStream().read() == '+';
        } catch (IOException _) {
            return false;
        }
    }

    /// Ends it without a word, as a crash does.
    public void kill() throws Exception {
        var running = process;
        if (running != null) {
            running.destroyForcibly();
            assertThat(running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            process = null;
        }
    }

    /// Keeps its connections, and answers nothing until [#resume].
    public void freeze() throws Exception {
        signal("-STOP");
    }

    public void resume() throws Exception {
        signal("-CONT");
    }

    private void signal(String name) throws Exception {
        var running = Objects.requireNonNull(process);
        var kill = new ProcessBuilder("kill", name, Long.toString(running.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    /// A factory as Spring Boot makes it, closed with this.
    public LettuceConnectionFactory factory() {
        var factory =
                new LettuceConnectionFactory(
                        new RedisStandaloneConfiguration("127.0.0.1", port),
                        LettuceClientConfiguration.builder()
                                .shutdownTimeout(Duration.ZERO)
                                .shutdownQuietPeriod(Duration.ZERO)
                                .build());
        factory.afterPropertiesSet();
        factory.start();
        factories.add(factory);
        return factory;
    }

    @Override
    public void close() throws Exception {
        factories.forEach(LettuceConnectionFactory::destroy);
        kill();
    }
}
