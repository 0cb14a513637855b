package org.masquerelay.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.gate.spent.RedisServer;
import org.masquerelay.gate.spent.SharedSpentTokens;
import org.masquerelay.gate.spent.WhenUnavailable;
import org.masquerelay.gate.token.PrivateTokenScheme;
import org.masquerelay.gate.token.PrivateTokenScheme.Challenging;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.Token;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.TrustedIssuers;
import org.springframework.security.config.web.server.ServerHttpSecurity;

/// Two ingresses that share a secret and a Redis, and every token presented twice.
final class SharedTokensAtScaleTest {
    private static final int TOKENS = 50_000;
    private static final int UNDER_WAY = 256;

    /// Stands still, so that no window ends while the test runs.
    private static final InstantSource CLOCK =
            InstantSource.fixed(java.time.Instant.parse("2030-01-01T00:01:00Z"));

    private static FastIssuer issuer;
    private static List<Token> tokens;

    @TempDir Path home;

    @BeforeAll
    static void mint() throws Exception {
        issuer = new FastIssuer();
        var challenge = windows().current().digest();
        tokens =
                IntStream.range(0, TOKENS)
                        .parallel()
                        .mapToObj(_ -> issuer.token(challenge))
                        .toList();
    }

    @Test
    void admitsEachOf50000TokensOnceWhenTheyArePresentedTwiceAtOnce() throws Exception {
        try (var redis = RedisServer.inMemory(home);
                var one = Ingress.with(redis);
                var other = Ingress.with(redis)) {
            var run = new Run(List.of(one, other));

            run.present(run.shuffled());

            assertThat(run.admitted.get()).isEqualTo(TOKENS);
            assertThat(run.mostForOneToken()).isOne();
            assertThat(run.unavailable()).isEmpty();
        }
    }

    @Test
    void admitsNoTokenTwiceWhenRedisIsKilledHalfWay() throws Exception {
        try (var redis = RedisServer.durable(home);
                var one = Ingress.with(redis);
                var other = Ingress.with(redis)) {
            var run = new Run(List.of(one, other));

            run.present(
                    run.shuffled(),
                    redis::kill,
                    () -> {
                        await(() -> !run.unavailable().isEmpty());
                        redis.start();
                    });
            int refused = run.unavailable().size();
            // As clients do after a 503: each of them comes back.
            while (!run.unavailable().isEmpty()) {
                await(() -> one.isReady() && other.isReady());
                run.present(run.takeUnavailable());
            }

            assertThat(refused).isPositive();
            assertThat(run.mostForOneToken()).isOne();
            // Claims that nobody knows the outcome of are given up: it may cost some their token.
            assertThat(run.admitted.get()).isBetween(TOKENS - 2 * UNDER_WAY, TOKENS);
        }
    }

    private static ChallengeWindows windows() {
        var plan =
                new ChallengeWindows.Plan(
                        "issuer.example", List.of(), TokenMint.WINDOW, TokenMint.GRACE);
        return new ChallengeWindows(plan, ImmutableBytes.copyOf(new byte[32]), CLOCK);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    /// The gate of an ingress with its own memory, event loop and connection.
    private record Ingress(Gate gate, SharedSpentTokens store, EventLoop loop)
            implements AutoCloseable {
        static Ingress with(RedisServer redis) {
            var windows = windows();
            var store =
                    SharedSpentTokens.inRedis(
                            redis.factory(),
                            new SharedSpentTokens.Parts(
                                    new InMemorySpentTokens(TOKENS, windows::isLive),
                                    windows::maxAge,
                                    "spent:",
                                    Duration.ofSeconds(2),
                                    WhenUnavailable.FAIL_CLOSED));
            var trusted = TrustedIssuer.of("issuer.example", List.of(issuer.key()));
            var scheme =
                    new PrivateTokenScheme(
                            windows,
                            new TrustedIssuers(windows, List.of(trusted)),
                            store,
                            Challenging.plain(ParameterStyle.QUOTED, CLOCK));
            var rules =
                    new GateRules(
                            List.of(scheme), Admit.parse(List.of("token")), ProxyChallenge.NEVER);
            var chain = rules.chain(ServerHttpSecurity.http(), List.of());
            var ingress =
                    new Ingress(
                            new SpringGate(chain),
                            store,
                            new DefaultEventLoop(new DefaultThreadFactory("ingress", true)));
            await(ingress::isReady);
            return ingress;
        }

        boolean isReady() {
            return store.awaySince().isEmpty() && store.unsettled() == 0;
        }

        @Override
        public void close() {
            store.close();
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private interface Step {
        void happens() throws Exception;
    }

    private record Presentation(int token, Ingress at) {}

    /// What became of the presentations.
    private static final class Run {
        private final List<Ingress> ingresses;
        private final AtomicInteger admitted = new AtomicInteger();
        private final AtomicIntegerArray admissions = new AtomicIntegerArray(TOKENS);
        private final List<Presentation> unavailable = new ArrayList<>();
        private final AtomicInteger unexpected = new AtomicInteger();

        Run(List<Ingress> ingresses) {
            this.ingresses = ingresses;
        }

        /// Each token twice, at the one, the other or both.
        List<Presentation> shuffled() {
            var random = new Random(4);
            var all = new ArrayList<Presentation>();
            for (int token = 0; token < TOKENS; token++) {
                for (int time = 0; time < 2; time++) {
                    var at = ingresses.get(random.nextInt(ingresses.size()));
                    // Close to each other, so that the two are under way at the same time.
                    all.add(
                            Math.max(0, all.size() - random.nextInt(UNDER_WAY)),
                            new Presentation(token, at));
                }
            }
            return all;
        }

        void present(List<Presentation> presentations) throws Exception {
            present(presentations, () -> {}, () -> {});
        }

        /// @param halfTime happens when half of them are presented
        /// @param meanwhile happens beside the other half
        void present(List<Presentation> presentations, Step halfTime, Step meanwhile)
                throws Exception {
            var places = new Semaphore(UNDER_WAY);
            var half = new StepThread(meanwhile);
            for (int i = 0; i < presentations.size(); i++) {
                if (i == presentations.size() / 2) {
                    halfTime.happens();
                    half.start();
                }
                assertThat(places.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
                present(presentations.get(i), places);
            }
            assertThat(places.tryAcquire(UNDER_WAY, 30, TimeUnit.SECONDS)).isTrue();
            half.join();
            assertThat(unexpected).hasValue(0);
        }

        private void present(Presentation presentation, Semaphore places) {
            var at = presentation.at;
            var fields = TokenMint.authorization(tokens.get(presentation.token));
            at.loop.execute(() ->
                    at.gate.decide(
                            FakeExchange.tcp(at.loop, fields),
                            decision -> {
                                decided(presentation, decision);
                                places.release();
                            }));
        }

        private void decided(Presentation presentation, Decision decision) {
            switch (decision) {
                case Decision.Admitted(var admission) -> {
                    admission.spend();
                    admitted.incrementAndGet();
                    admissions.incrementAndGet(presentation.token);
                }
                case Decision.Refused(var refusal) -> {
                    switch (refusal.status()) {
                        case 401 -> {}
                        case 503 -> again(presentation);
                        default -> unexpected.incrementAndGet();
                    }
                }
            }
        }

        private synchronized void again(Presentation presentation) {
            unavailable.add(presentation);
        }

        synchronized List<Presentation> unavailable() {
            return List.copyOf(unavailable);
        }

        synchronized List<Presentation> takeUnavailable() {
            var taken = List.copyOf(unavailable);
            unavailable.clear();
            return taken;
        }

        int mostForOneToken() {
            int[] counts = new int[TOKENS];
            Arrays.setAll(counts, admissions::get);
            return Arrays.stream(counts).max().orElseThrow();
        }
    }

    /// Something that happens beside the presentations.
    private static final class StepThread {
        private final Thread thread;
        private volatile boolean failed;

        StepThread(Step step) {
            thread =
                    Thread.ofVirtual()
                            .unstarted(() -> {
                                try {
                                    step.happens();
                                } catch (Exception e) {
                                    failed = true;
                                }
                            });
        }

        void start() {
            thread.start();
        }

        void join() throws InterruptedException {
            thread.join();
            assertThat(failed).isFalse();
        }
    }
}
