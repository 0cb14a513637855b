package org.masquerelay.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.egress.opening.LocalOpenings;
import org.masquerelay.egress.opening.Openings;
import org.masquerelay.egress.opening.SharedOpenings;
import org.masquerelay.gate.spent.RedisServer;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.ManagementPort;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/// An egress as an operator configures it, and what they see when Redis goes away.
@Timeout(180)
final class OpeningsInRedisTest {
    private static final String OPENINGS = "--relay.egress.limits.openings.";

    @TempDir static Path development;

    @TempDir Path home;

    @Test
    void limitsNothingUnlessToldTo() throws Exception {
        try (var app = run()) {
            assertThat(app.getBean(Openings.class)).isSameAs(Openings.UNLIMITED);
            assertThat(management(app).get("/actuator/prometheus").body())
                    .doesNotContain("masque_openings");
        }
    }

    @Test
    void limitsByItselfAndKnowsNoRedis() throws Exception {
        try (var app = run(OPENINGS + "tunnels=5")) {
            assertThat(app.getBean(Openings.class)).isInstanceOf(LocalOpenings.class);
            assertThat(management(app).get("/actuator/prometheus").body())
                    .contains("masque_openings_refused_total 0.0")
                    .doesNotContain("masque_openings_store");
            assertThat(management(app).get("/actuator/health").body())
                    .doesNotContain("\"openings\"", "\"redis\"");
        }
    }

    @Test
    void isDegradedWhileRedisIsAwayAndComesBack() throws Exception {
        try (var redis = RedisServer.inMemory(home);
                var app = run(redis)) {
            assertThat(app.getBean(Openings.class)).isInstanceOf(SharedOpenings.class);
            var management = management(app);
            Await.until("up", () -> health(management, "\"openings\":{\"details\"", "UP", 200));
            assertThat(management.get("/actuator/prometheus").body())
                    .contains("masque_openings_store_up 1.0", "masque_openings_unchecked_total 0.0")
                    .contains("masque_openings_store_failures_total 0.0");

            redis.kill();
            assertThat(health(management, "\"whenUnavailable\":\"fail-open\"", "DEGRADED", 200))
                    .isTrue();
            assertThat(management.get("/actuator/prometheus").body())
                    .contains("masque_openings_store_up 0.0");
            assertThat(management.get("/actuator/health/readiness").statusCode()).isEqualTo(200);

            redis.start();
            Await.until("up again", () -> health(management, "\"openings\"", "UP", 200));
        }
    }

    @Test
    void isDownWhileRedisIsAwayIfToldToFailClosed() throws Exception {
        try (var redis = RedisServer.inMemory(home);
                var app = run(redis, OPENINGS + "when-unavailable=fail-closed")) {
            var management = management(app);
            redis.kill();

            assertThat(health(management, "\"whenUnavailable\":\"fail-closed\"", "DOWN", 503))
                    .isTrue();
        }
    }

    private static boolean health(
            ManagementPort management, String text, String status, int httpStatus) {
        try {
            var health = management.get("/actuator/health");
            return health.statusCode() == httpStatus
                    && health.body().contains(text)
                    && health.body().endsWith("\"status\":\"" + status + "\"}");
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static ConfigurableApplicationContext run(RedisServer redis, String... settings) {
        var all =
                new ArrayList<>(
                        List.of(
                                "--spring.data.redis.host=127.0.0.1",
                                "--spring.data.redis.port=" + redis.port(),
                                OPENINGS + "tunnels=5",
                                OPENINGS + "timeout=3s",
                                OPENINGS + "shared=redis"));
        all.addAll(List.of(settings));
        return run(all.toArray(String[]::new));
    }

    private static ConfigurableApplicationContext run(String... settings) {
        var all =
                new ArrayList<>(
                        List.of(
                                "--server.port=0",
                                "--relay.listeners[0].port=0",
                                "--relay.event-loops=1",
                                "--relay.drain.timeout=0s",
                                "--relay.development.directory=" + development));
        all.addAll(List.of(settings));
        return new SpringApplicationBuilder(EgressApp.class).run(all.toArray(String[]::new));
    }

    private static ManagementPort management(ConfigurableApplicationContext context) {
        var server = ((WebServerApplicationContext) context).getWebServer();
        return new ManagementPort(Objects.requireNonNull(server).getPort());
    }
}
