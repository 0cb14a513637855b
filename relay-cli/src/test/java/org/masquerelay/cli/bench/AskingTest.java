package org.masquerelay.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.bench.Plan.Endpoints;
import org.masquerelay.cli.bench.Plan.TargetPorts;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.ScriptedRelay;
import org.masquerelay.tunnel.HttpVersion;

final class AskingTest {
    private static final int MANY = 100; // More than may be under way at a time.

    @TempDir private Path directory;

    @Test
    void asksAgainAndAgainAndCountsTheRefusals() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var relay = relay()) {
            var started = start(relay, threads);
            for (int i = 0; i < MANY; i++) {
                var request = relay.next();
                assertThat(request.path()).endsWith("/7/");
                assertThat(request.fields().contains("authorization")).isFalse();
                request.answer(401);
            }
            try (var asking = started.get()) {
                Await.until("all are counted", () -> refused(asking) == MANY);
            }
        }
    }

    @Test
    void mistrustsAnAnswerThatIsNoChallenge() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var relay = relay()) {
            var started = start(relay, threads);
            relay.next().answer(503);
            try (var asking = started.get()) {
                Await.until("it has come", () -> refused(asking) < 0);
                assertThatIOException().isThrownBy(asking::stop).withMessageContaining("503");
            }
        }
    }

    private ScriptedRelay relay() throws IOException {
        var pki = DevelopmentPki.open(directory, Clock.systemUTC());
        return ScriptedRelay.start(HttpVersion.H2, pki.ingressServer());
    }

    /// The relay answers in the meantime.
    private Future<Asking> start(ScriptedRelay relay, ExecutorService threads) {
        var plan =
                new Plan(
                        Case.named("udp-64-2").orElseThrow(),
                        new Endpoints(
                                directory, relay.address().getPort(), 1, new TargetPorts(7, 8, 9)),
                        HttpVersion.H2,
                        new Plan.Timing(Duration.ZERO, Duration.ZERO),
                        1,
                        1,
                        1000,
                        0,
                        List.of());
        return threads.submit(() -> {
            var asking = Asking.withNothing(plan);
            asking.start();
            return asking;
        });
    }

    /// Negative when something else has come.
    private static long refused(Asking asking) {
        try {
            return asking.stop();
        } catch (IOException _) {
            return -1;
        }
    }
}
