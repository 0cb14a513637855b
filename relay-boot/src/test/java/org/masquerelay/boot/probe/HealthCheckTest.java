package org.masquerelay.boot.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the process of a health check ends with.
@Timeout(120)
final class HealthCheckTest {
    private HttpServer management;

    @BeforeEach
    void listen() throws Exception {
        management = HttpServer.create(loopback(0), 0);
    }

    @AfterEach
    void stop() {
        management.stop(0);
    }

    @ParameterizedTest
    @CsvSource({"200, 0", "503, 1", "404, 1"})
    void endsAsReadinessSays(int status, int expected) throws Exception {
        answer(status);
        assertThat(check(management.getAddress().getPort())).isEqualTo(expected);
    }

    @Test
    void asksTheFirstPortWhereAnythingListens() throws Exception {
        answer(200);
        assertThat(check(freePort(), management.getAddress().getPort())).isZero();
    }

    @Test
    void failsWhereNothingListens() throws Exception {
        assertThat(check(freePort())).isEqualTo(1);
    }

    @Test
    void doesNotWaitLongForAnAnswer() throws Exception {
        try (var silent = new ServerSocket()) {
            silent.bind(loopback(0));
            assertThat(check(silent.getLocalPort())).isEqualTo(1);
        }
    }

    private void answer(int status) {
        management.createContext(
                "/actuator/health/readiness",
                exchange -> {
                    exchange.sendResponseHeaders(status, -1);
                    exchange.close();
                });
        management.start();
    }

    private static int check(int... ports) throws Exception {
        var classes =
                Path.of(
                        HealthCheck.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                classes.toString(),
                                HealthCheck.class.getName()));
        for (int port : ports) {
            command.add(Integer.toString(port));
        }
        var process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static int freePort() throws Exception {
        try (var socket = new ServerSocket()) {
            socket.bind(loopback(0));
            return socket.getLocalPort();
        }
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
