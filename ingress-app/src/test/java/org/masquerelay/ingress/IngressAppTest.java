package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.ingress.gate.Gate;
import org.masquerelay.ingress.gate.OpenGate;
import org.masquerelay.ingress.gate.SpringGate;
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
                        "masque_tunnels_active{listener=\"h3\",protocol=\"udp\",transport=\"h3\"}"
                                + " 0.0")
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

    @Test
    void opensTheGateOnlyWhenToldTo() {
        try (var open = run("relay.auth.mode=none")) {
            assertThat(open.getBean(Gate.class)).isInstanceOf(OpenGate.class);
        }
    }

    @Test
    void saysInOneSentenceWhatIsWrong() {
        assertThat(failure("relay.upstream.uri=http://localhost"))
                .contains("relay.upstream.uri is not the https origin of an egress.")
                .contains("Write it as https://HOST:PORT");
        assertThat(failure("relay.listeners[0].address=nowhere"))
                .contains("relay.listeners[0].address is not an IP address.");
        assertThat(failure("relay.listeners[0].udp-templates=/no-variables"))
                .contains("relay.listeners[0].udp-templates has a template that cannot be used");
        assertThat(failure("relay.listeners[0].port=70000"))
                .contains("relay.listeners[0].port", "must be less than or equal to 65535");
        assertThat(failure("relay.upsteam.uri=https://localhost"))
                .contains("relay.upsteam.uri", "unbound");
        assertThat(failure("relay.issuer.enabled=false"))
                .contains("relay.auth.issuer-keys is empty, so no token could ever pass.");
        assertThat(failure("relay.auth.issuer-keys=AAAA"))
                .contains("relay.auth.issuer-keys[0] is not a key for tokens of type 0x0002");
        assertThat(failure("relay.auth.challenge-grace=11m"))
                .contains("relay.auth.challenge-grace is longer than");
    }

    @Test
    void neverFallsBackToDevelopmentCertificatesOnceABundleIsConfigured() {
        assertThat(failure("relay.tls.bundle=front"))
                .contains("relay.tls.bundle names the SSL bundle \"front\", which is not defined.");
        assertThat(
                        failure(
                                "relay.tls.bundle=front",
                                "spring.ssl.bundle.pem.front.keystore.certificate="
                                        + home.resolve("missing.crt")))
                .contains("relay.tls.bundle names the SSL bundle \"front\", which cannot be read")
                .contains("missing.crt");
        assertThat(
                        failure(
                                "relay.tls.bundle=front",
                                "spring.ssl.bundle.pem.front.keystore.certificate="
                                        + home.resolve("ingress.crt"),
                                "spring.ssl.bundle.pem.front.keystore.private-key="
                                        + home.resolve("ingress.key")))
                .contains("relay.upstream.tls-bundle is empty although other SSL bundles");
    }

    @Test
    void saysThatAPortIsTaken() throws Exception {
        try (var taken = new DatagramSocket()) {
            assertThat(failure("relay.listeners[0].port=" + taken.getLocalPort()))
                    .contains("The relay cannot listen on h3 on UDP")
                    .contains(Integer.toString(taken.getLocalPort()))
                    .contains("change relay.listeners[].port");
        }
    }

    private static ConfigurableApplicationContext run(String... settings) {
        var all =
                new ArrayList<>(
                        List.of(
                                "--server.port=0",
                                "--relay.listeners[0].port=0",
                                "--relay.event-loops=1",
                                "--relay.drain.timeout=0s",
                                "--relay.development.directory=" + home));
        for (String setting : settings) {
            all.add("--" + setting);
        }
        return new SpringApplicationBuilder(IngressApp.class).run(all.toArray(String[]::new));
    }

    /// What an operator reads on the console when the app does not start.
    private static String failure(String... settings) {
        var console = System.out;
        var text = new ByteArrayOutputStream();
        System.setOut(new PrintStream(text, true, StandardCharsets.UTF_8));
        try {
            assertThatThrownBy(() -> run(settings).close()).isInstanceOf(Exception.class);
        } finally {
            System.setOut(console);
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    private static ManagementPort management(ConfigurableApplicationContext context) {
        var server = ((WebServerApplicationContext) context).getWebServer();
        return new ManagementPort(java.util.Objects.requireNonNull(server).getPort());
    }
}
