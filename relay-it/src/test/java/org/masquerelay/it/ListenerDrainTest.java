package org.masquerelay.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.ManagementPort;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawH1Client;
import org.masquerelay.testkit.RawH2Client;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.testkit.TlsEnd;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.springframework.core.env.Environment;

/// Two listeners of one relay, of which one drains: its clients are told so in the words of their
/// HTTP version, those of the other hear nothing.
@Timeout(90)
final class ListenerDrainTest {
    private static final int MAIN = 0;
    private static final int SECOND = 1;

    @TempDir static Path directory;

    private static OneHop relay;
    private static Targets targets;
    private static ManagementPort management;
    private static TlsMaterial tls;

    @BeforeAll
    static void start() throws Exception {
        targets = new Targets();
        relay =
                OneHop.start(
                        directory,
                        List.of(
                                "--relay.egress.clients=any",
                                "--relay.egress.allow-private=true",
                                "--relay.listeners[1].name=second",
                                "--relay.listeners[1].address=127.0.0.1",
                                "--relay.listeners[1].port=0"));
        var port = relay.bean(Environment.class).getRequiredProperty("local.server.port");
        management = new ManagementPort(Integer.parseInt(port));
        tls = DevelopmentPki.open(directory, Clock.systemUTC()).client();
    }

    @AfterAll
    static void stop() throws Exception {
        relay.close();
        targets.close();
    }

    @AfterEach
    void undo() throws Exception {
        assertThat(management.send("DELETE", "/actuator/drain", "").statusCode()).isEqualTo(200);
        Await.until("no tunnel is left", () -> relay.activeTunnels() == 0);
    }

    @ParameterizedTest
    @EnumSource(HttpVersion.class)
    @DisplayName("case 44: one listener drains, the other does not")
    void refusesOnOneListenerAndServesOnTheOther(HttpVersion version) throws Exception {
        try (var drained = connect(SECOND, version);
                var other = connect(MAIN, version)) {
            var running = open(drained);
            var undisturbed = open(other);

            var started =
                    management.send("POST", "/actuator/drain/second", "{\"reason\":\"moving\"}");

            assertThat(started.statusCode()).isEqualTo(200);
            assertThat(started.body())
                    .contains("\"draining\":true", "\"reason\":\"moving\"", "\"activeTunnels\":1")
                    .containsPattern("\"deadline\":\"20[^\"]+Z\",\"secondsLeft\":[01],");
            assertEchoes(running);
            assertEchoes(undisturbed);
            // A new connection too, and the connection of before at the other listener.
            try (var late = connect(SECOND, version)) {
                var refused = ask(late).awaitHead();
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.fields().first("proxy-status").orElseThrow())
                        .contains("error=proxy_internal_error");
            }
            var another = open(other);
            assertEchoes(another);

            var undone = management.send("DELETE", "/actuator/drain/second", "");

            assertThat(undone.body()).contains("\"draining\":false", "\"deadline\":null");
            try (var again = connect(SECOND, version)) {
                var tunnel = open(again);
                assertEchoes(tunnel);
                tunnel.finish();
            }
            assertEchoes(running);
            for (var tunnel : List.of(running, undisturbed, another)) {
                tunnel.finish();
            }
        }
    }

    @Test
    void saysGoAwayOverH3ToTheClientsOfThatListenerAlone() throws Exception {
        try (var drained = RawH3Client.connect(address(SECOND), tls);
                var other = RawH3Client.connect(address(MAIN), tls)) {
            var running = drained.request(classic());
            assertThat(running.status()).isEqualTo(200);
            drain("second");
            assertThat(drained.goAway()).isGreaterThan(running.id());
            for (int i = 0; i < 3; i++) {
                var tunnel = other.request(classic());
                assertThat(tunnel.status()).isEqualTo(200);
                tunnel.fin();
            }
            running.fin();
            assertThat(running.rest()).isEmpty();
            try (var late = RawH3Client.connect(address(SECOND), tls)) {
                var refused = late.request(classic());
                assertThat(refused.status()).isEqualTo(503);
                assertThat(late.goAway()).isGreaterThan(refused.id());
            }
        }
    }

    @Test
    void saysGoAwayOverH2ToTheClientsOfThatListenerAlone() throws Exception {
        try (var drained = RawH2Client.connect(address(SECOND), tls);
                var other = RawH2Client.connect(address(MAIN), tls)) {
            var running = drained.request(classic());
            assertThat(running.awaitStatus()).isEqualTo(200);
            drain("second");
            assertThat(drained.awaitGoAway().code()).isZero();
            for (int i = 0; i < 3; i++) {
                var tunnel = other.request(classic());
                assertThat(tunnel.awaitStatus()).isEqualTo(200);
                tunnel.finish();
            }
            running.finish();
            assertThat(running.awaitEnd()).isEmpty();
            assertThat(drained.awaitEnd()).isEqualTo(new TlsEnd.CloseNotify());
            try (var late = RawH2Client.connect(address(SECOND), tls)) {
                assertThat(late.request(classic()).awaitStatus()).isEqualTo(503);
                assertThat(late.awaitGoAway().code()).isZero();
            }
        }
    }

    @Test
    void saysConnectionCloseOverH1ToTheClientsOfThatListenerAlone() throws Exception {
        try (var idle = RawH1Client.connect(address(SECOND), tls);
                var other = RawH1Client.connect(address(MAIN), tls)) {
            assertThat(get(idle).fields().contains("connection")).isFalse();
            drain("second");
            assertThat(idle.awaitEnd()).isEqualTo(new TlsEnd.CloseNotify());
            assertThat(get(other).fields().contains("connection")).isFalse();
            try (var late = RawH1Client.connect(address(SECOND), tls)) {
                late.request(
                        "GET /.well-known/masque/udp/127.0.0.1/7/ HTTP/1.1",
                        "Host: localhost",
                        "Connection: Upgrade",
                        "Upgrade: connect-udp",
                        "Capsule-Protocol: ?1");
                var refused = late.awaitHead();
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.fields().first("connection")).contains("close");
            }
        }
    }

    @Test
    void isReadyUntilTheLastListenerDrains() throws Exception {
        drain("second");
        assertThat(readiness()).isEqualTo(200);
        assertThat(management.get("/actuator/health").body())
                .contains("\"drainingListeners\":[\"second\"]");
        drain("main");
        assertThat(readiness()).isEqualTo(503);
        assertThat(management.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
        assertThat(management.send("DELETE", "/actuator/drain/main", "").statusCode())
                .isEqualTo(200);
        assertThat(readiness()).isEqualTo(200);
    }

    @Test
    void knowsNoOtherListener() throws Exception {
        for (var method : List.of("GET", "POST", "DELETE")) {
            assertThat(management.send(method, "/actuator/drain/nix", "").statusCode())
                    .as(method)
                    .isEqualTo(404);
        }
        assertThat(management.get("/actuator/drain").body()).doesNotContain("nix");
    }

    private static int readiness() throws Exception {
        return management.get("/actuator/health/readiness").statusCode();
    }

    private static void drain(String listener) throws Exception {
        assertThat(management.send("POST", "/actuator/drain/" + listener, "").statusCode())
                .isEqualTo(200);
    }

    private static java.net.InetSocketAddress address(int listener) {
        return relay.addresses().get(listener);
    }

    private static RawClient connect(int listener, HttpVersion version) throws Exception {
        return RawClient.connect(version, address(listener), tls);
    }

    private static RawTunnel ask(RawClient client) throws Exception {
        return client.connect(targets.tcp().toString());
    }

    private static RawTunnel open(RawClient client) throws Exception {
        var tunnel = ask(client);
        assertThat(tunnel.awaitHead().status()).isEqualTo(200);
        return tunnel;
    }

    private static void assertEchoes(RawTunnel tunnel) throws Exception {
        tunnel.send("hello");
        assertThat(tunnel.awaitText(5)).isEqualTo("hello");
    }

    private static String[] classic() {
        return new String[] {":method", "CONNECT", ":authority", targets.tcp().toString()};
    }

    private static RawH1Client.Head get(RawH1Client client) throws Exception {
        client.request("GET /nothing HTTP/1.1", "Host: localhost");
        var head = client.awaitHead();
        assertThat(head.status()).isEqualTo(404);
        return head;
    }
}
