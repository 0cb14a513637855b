package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.gate.spent.RedisServer;
import org.masquerelay.gate.spent.SharedSpentTokens;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.ManagementPort;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.SpentTokenStore;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/// An ingress as an operator configures it, and what they see when Redis goes away.
final class SpentTokensInRedisTest {
    private static final String SECRET = Base64.getEncoder().encodeToString(new byte[32]);

    @TempDir static Path development;

    @TempDir Path home;

    @Test
    void showsThatTokensAreRememberedInMemoryAndKnowsNoRedis() throws Exception {
        try (var app = run()) {
            var health = management(app).get("/actuator/health");

            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(health.body())
                    .contains("\"spentTokens\":{\"details\":{\"store\":\"memory\"")
                    .doesNotContain("\"redis\"");
        }
    }

    @Test
    void isDownWhileRedisIsAwayAndComesBack() throws Exception {
        try (var redis = RedisServer.inMemory(home);
                var app = run(redis)) {
            var management = management(app);
            assertThat(app.getBean(SpentTokenStore.class)).isInstanceOf(SharedSpentTokens.class);
            Await.until("up", () -> health(management, "\"store\":\"redis\"", 200));
            assertThat(management.get("/actuator/prometheus").body())
                    .contains("masque_tokens_store_up 1.0", "masque_tokens_unchecked_total 0.0")
                    .contains(
                            "masque_tokens_store_failures_total 0.0", "masque_tokens_unsettled 0");

            redis.kill();
            assertThat(health(management, "\"whenUnavailable\":\"fail-closed\"", 503)).isTrue();
            assertThat(management.get("/actuator/prometheus").body())
                    .contains("masque_tokens_store_up 0.0");
            assertThat(management.get("/actuator/health/readiness").statusCode()).isEqualTo(200);

            redis.start();
            Await.until("up again", () -> health(management, "\"store\":\"redis\"", 200));
        }
    }

    @Test
    void isDegradedWhileRedisIsAwayIfToldToFailOpen() throws Exception {
        try (var redis = RedisServer.inMemory(home);
                var app = run(redis, "--relay.auth.spent.when-unavailable=fail-open")) {
            var management = management(app);
            redis.kill();

            assertThat(health(management, "\"status\":\"DEGRADED\"", 200)).isTrue();
        }
    }

    @Test
    void sharesTheChallengesOfAllWhoHaveTheSecret() throws Exception {
        var file = Files.writeString(home.resolve("secret"), SECRET + "\n");
        try (var redis = RedisServer.inMemory(home);
                var one = run(redis);
                var other = run(redis.port(), "file:" + file)) {
            // At the end of a window they may differ for a moment.
            Await.until(
                    "the same challenge",
                    () ->
                            one.getBean(ChallengeWindows.class)
                                    .current()
                                    .digest()
                                    .equals(
                                            other.getBean(ChallengeWindows.class)
                                                    .current()
                                                    .digest()));
        }
    }

    private static boolean health(ManagementPort management, String text, int status) {
        try {
            var health = management.get("/actuator/health");
            return health.statusCode() == status && health.body().contains(text);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static ConfigurableApplicationContext run(RedisServer redis, String... settings) {
        return run(redis.port(), SECRET, settings);
    }

    private static ConfigurableApplicationContext run(int port, String secret, String... settings) {
        var all =
                new ArrayList<>(
                        List.of(
                                "--spring.data.redis.host=127.0.0.1",
                                "--spring.data.redis.port=" + port,
                                "--relay.auth.spent.store=redis",
                                "--relay.auth.challenge-secret=" + secret));
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
        return new SpringApplicationBuilder(IngressApp.class).run(all.toArray(String[]::new));
    }

    private static ManagementPort management(ConfigurableApplicationContext context) {
        var server = ((WebServerApplicationContext) context).getWebServer();
        return new ManagementPort(Objects.requireNonNull(server).getPort());
    }
}
