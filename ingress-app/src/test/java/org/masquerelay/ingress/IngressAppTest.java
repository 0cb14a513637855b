package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.gate.Gate;
import org.masquerelay.gate.SpringGate;
import org.masquerelay.testkit.ManagementPort;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

final class IngressAppTest {
    @TempDir static Path home;

    private static ConfigurableApplicationContext app;
    private static ManagementPort management;

    @BeforeAll
    static void start() {
        app = run();
        management = management(app);
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    @Test
    void drainsAndComesBack() throws Exception {
        var started = management.send("POST", "/actuator/drain", "{\"reason\":\"upgrade\"}");
        assertThat(started.statusCode()).isEqualTo(200);
        assertThat(started.body())
                .contains("\"draining\":true", "\"since\":\"", "\"reason\":\"upgrade\"")
                .contains("\"activeTunnels\":0");

        var readiness = management.get("/actuator/health/readiness");
        assertThat(readiness.statusCode()).isEqualTo(503);
        assertThat(readiness.body()).contains("OUT_OF_SERVICE");
        assertThat(management.get("/actuator/health/liveness").statusCode()).isEqualTo(200);

        var undone = management.send("DELETE", "/actuator/drain", "");
        assertThat(undone.statusCode()).isEqualTo(200);
        assertThat(undone.body()).contains("\"draining\":false");
        assertThat(management.get("/actuator/health/readiness").statusCode()).isEqualTo(200);
    }

    @Test
    void drainsWithoutAReason() throws Exception {
        var started = management.send("POST", "/actuator/drain", "");
        management.send("DELETE", "/actuator/drain", "");

        assertThat(started.statusCode()).isEqualTo(200);
        assertThat(started.body()).contains("\"reason\":\"operator\"");
    }

    @Test
    void showsItsMeters() throws Exception {
        assertThat(management.get("/actuator/prometheus").body())
                .contains(
                        "masque_tunnels_active{listener=\"main\",protocol=\"udp\",transport=\"h3\"}"
                                + " 0.0")
                .contains(
                        "masque_tunnels_active{listener=\"main\",protocol=\"tcp\",transport=\"h1\"}"
                                + " 0.0")
                .contains("masque_capsules_rejected_total{", "masque_connections_refused_total{")
                .contains("masque_tunnels_rejected_total{", "quic_connections_active{role=");
    }

    @Test
    void servesNothingButActuatorOnTheManagementPort() throws Exception {
        assertThat(management.get("/").statusCode()).isBetween(401, 404);
        assertThat(management.get("/actuator/env").statusCode()).isBetween(401, 404);
    }

    @Test
    void opensNoTunnelOnTheManagementPort() throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), management.port())) {
            socket.getOutputStream()
                    .write(
                            "CONNECT target.example:443 HTTP/1.1\r\nHost: target.example\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            byte[] status = socket.getInputStream().readNBytes("HTTP/1.1 400".length());
            assertThat(new String(status, StandardCharsets.US_ASCII)).matches("HTTP/1\\.1 4..");
        }
    }

    @Test
    void guardsItsListenersWithSpringSecurity() {
        assertThat(app.getBean(Gate.class)).isInstanceOf(SpringGate.class);
        assertThat(app.getBean(RelayLifecycle.class).isRunning()).isTrue();
    }

    private static ConfigurableApplicationContext run() {
        return new SpringApplicationBuilder(IngressApp.class)
                .run(
                        "--server.port=0",
                        "--relay.listeners[0].port=0",
                        "--relay.event-loops=1",
                        "--relay.drain.timeout=0s",
                        "--relay.development.directory=" + home);
    }

    private static ManagementPort management(ConfigurableApplicationContext context) {
        var server = ((WebServerApplicationContext) context).getWebServer();
        return new ManagementPort(Objects.requireNonNull(server).getPort());
    }
}
