package org.masquerelay.egress.opening;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.egress.opening.WhenUnavailable.FAIL_CLOSED;
import static org.masquerelay.egress.opening.WhenUnavailable.FAIL_OPEN;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.gate.spent.RedisServer;
import org.masquerelay.testkit.Await;
import org.masquerelay.tunnel.Tenant;
import org.springframework.data.redis.connection.lettuce.LettuceConnection;

/// Two egresses and the Redis they share.
@Timeout(180)
final class SharedOpeningsTest {
    private static final Tenant ALICE = new Tenant("spiffe://gw/tenant/alice");
    private static final Tenant BOB = new Tenant("bob");
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    /// For tests in which Redis answers, however slow the machine is.
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private static final int MANY = 4096;

    @TempDir Path home;

    private RedisServer redis;
    private final List<Relay> relays = new ArrayList<>();
    private final EventLoop loop = new DefaultEventLoop();

    @BeforeEach
    void start() throws Exception {
        redis = RedisServer.inMemory(home);
    }

    @AfterEach
    void stop() throws Exception {
        relays.forEach(relay -> relay.openings.close());
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        if (redis != null) {
            redis.close();
        }
    }

    /// One egress: its memory, its connection to Redis.
    private record Relay(SharedOpenings openings, OpeningCounts counts, LocalOpenings here) {}

    private Relay relay(int tunnels, Duration per, WhenUnavailable policy) {
        var relay = unconnected(new OpeningLimit(tunnels, per), policy, PATIENCE, MANY);
        Await.until("connected", () -> relay.openings.awaySince().isEmpty());
        return relay;
    }

    private Relay hasty(int tunnels, WhenUnavailable policy, int maxQuestions) {
        var limit = new OpeningLimit(tunnels, Duration.ofHours(1));
        var relay = unconnected(limit, policy, TIMEOUT, maxQuestions);
        Await.until("connected", () -> relay.openings.awaySince().isEmpty());
        return relay;
    }

    private Relay unconnected(
            OpeningLimit limit, WhenUnavailable policy, Duration timeout, int maxQuestions) {
        var counts = new OpeningCounts();
        var here = new LocalOpenings(limit, counts, Ticker.systemTicker());
        var factory = redis.factory();
        var openings =
                SharedOpenings.inRedis(
                        () -> ((LettuceConnection) factory.getConnection()).getNativeConnection(),
                        new SharedOpenings.Parts(
                                limit, here, "test:", timeout, maxQuestions, policy),
                        counts);
        var relay = new Relay(openings, counts, here);
        relays.add(relay);
        return relay;
    }

    private CompletableFuture<Turn> asked(Relay relay, Tenant tenant) {
        return asked(relay, tenant, loop);
    }

    private static CompletableFuture<Turn> asked(Relay relay, Tenant tenant, EventLoop loop) {
        var answer = new CompletableFuture<Turn>();
        loop.execute(() ->
                relay.openings.take(
                        tenant,
                        loop,
                        turn -> {
                            if (loop.inEventLoop() || turn instanceof Turn.Gone) {
                                answer.complete(turn);
                            } else {
                                answer.completeExceptionally(new AssertionError("not on the loop"));
                            }
                        }));
        return answer;
    }

    private Turn ask(Relay relay, Tenant tenant) throws Exception {
        return asked(relay, tenant).get(30, TimeUnit.SECONDS);
    }

    private static List<Turn> all(List<CompletableFuture<Turn>> answers) throws Exception {
        var turns = new ArrayList<Turn>();
        for (var answer : answers) {
            turns.add(answer.get(60, TimeUnit.SECONDS));
        }
        return turns;
    }

    private static long granted(List<Turn> turns) {
        return turns.stream().filter(Turn.Granted.class::isInstance).count();
    }

    @Test
    void grantExactlyTheLimitTogetherHoweverManyAsk() throws Exception {
        var two =
                List.of(
                        relay(60, Duration.ofHours(1), FAIL_CLOSED),
                        relay(60, Duration.ofHours(1), FAIL_CLOSED));
        var loops = List.of(loop, new DefaultEventLoop(), new DefaultEventLoop());
        try {
            var answers = new ArrayList<CompletableFuture<Turn>>();
            for (int i = 0; i < 600; i++) {
                answers.add(asked(two.get(i % 2), ALICE, loops.get(i % 3)));
            }
            var bobs = new ArrayList<CompletableFuture<Turn>>();
            for (int i = 0; i < 60; i++) {
                bobs.add(asked(two.get(i % 2), BOB));
            }
            var turns = all(answers);
            assertThat(granted(turns)).isEqualTo(60);
            assertThat(turns)
                    .allSatisfy(turn -> {
                        if (turn instanceof Turn.Later(long seconds)) {
                            assertThat(seconds).isBetween(1L, 60L);
                        } else {
                            assertThat(turn).isInstanceOf(Turn.Granted.class);
                        }
                    });
            assertThat(granted(all(bobs))).as("another tenant").isEqualTo(60);
            assertThat(two.get(0).counts.refusals() + two.get(1).counts.refusals()).isEqualTo(540);
            assertThat(two).allSatisfy(relay -> assertThat(relay.openings.questions()).isZero());
        } finally {
            loops.forEach(each -> each.shutdownGracefully(0, 1, TimeUnit.SECONDS));
        }
    }

    @Test
    void fillTheBucketInTime() throws Exception {
        var one = relay(1, Duration.ofSeconds(6), FAIL_CLOSED);
        var other = relay(1, Duration.ofSeconds(6), FAIL_CLOSED);
        assertThat(ask(one, ALICE)).isInstanceOf(Turn.Granted.class);
        assertThat(ask(other, ALICE)).isInstanceOf(Turn.Later.class);

        Await.until("there is one again", () -> asked(other, ALICE).join() instanceof Turn.Granted);
        assertThat(ask(one, ALICE)).isInstanceOf(Turn.Later.class);
    }

    @Test
    void keepAHashAndNotTheTenantUntilTheBucketIsFull() throws Exception {
        var relay = relay(60, Duration.ofMinutes(10), FAIL_CLOSED);
        ask(relay, ALICE);

        try (var connection = redis.factory().getConnection()) {
            var keys = connection.keyCommands().keys("*".getBytes(US_ASCII));
            assertThat(keys).hasSize(1);
            byte[] key = keys.iterator().next();
            assertThat(new String(key, US_ASCII)).matches("test:[A-Za-z0-9_=-]{43,44}");
            byte[] value = connection.stringCommands().get(key);
            assertThat(new String(value, US_ASCII)).doesNotContain("alice");
            assertThat(connection.keyCommands().pTtl(key)).isBetween(1L, 21_000L);
        }
    }

    @Test
    void countAloneWhileRedisIsAwayAndTogetherAfterwards() throws Exception {
        var one = hasty(2, FAIL_OPEN, MANY);
        var other = hasty(2, FAIL_OPEN, MANY);
        redis.kill();

        for (var relay : List.of(one, other)) {
            assertThat(ask(relay, ALICE)).isInstanceOf(Turn.Granted.class);
            assertThat(ask(relay, ALICE)).isInstanceOf(Turn.Granted.class);
            assertThat(ask(relay, ALICE)).isInstanceOf(Turn.Later.class);
            assertThat(relay.counts.uncheckedOpenings()).isEqualTo(3);
            assertThat(relay.counts.storeFailures()).isPositive();
            assertThat(relay.openings.awaySince()).isPresent();
            assertThat(relay.openings.answers()).isFalse();
        }

        redis.start();
        Await.until(
                "both are back",
                () -> one.openings.awaySince().isEmpty() && other.openings.awaySince().isEmpty());
        assertThat(ask(one, ALICE)).isInstanceOf(Turn.Granted.class);
        assertThat(ask(other, ALICE)).isInstanceOf(Turn.Granted.class);
        assertThat(ask(one, ALICE)).isInstanceOf(Turn.Later.class);
        assertThat(ask(other, ALICE)).isInstanceOf(Turn.Later.class);
        assertThat(one.openings.answers()).isTrue();
    }

    @Test
    void openNothingWhileRedisIsAwayIfToldTo() throws Exception {
        var relay = hasty(2, FAIL_CLOSED, MANY);
        redis.kill();

        assertThat(ask(relay, ALICE)).isInstanceOf(Turn.Unknown.class);
        assertThat(ask(relay, BOB)).isInstanceOf(Turn.Unknown.class);
        assertThat(relay.here.tenants()).isZero();

        redis.start();
        Await.until("it is back", () -> relay.openings.awaySince().isEmpty());
        assertThat(ask(relay, ALICE)).isInstanceOf(Turn.Granted.class);
    }

    @Test
    void waitForAnAnswerNoLongerThanTheyMayAndForNoMoreThanTheyMay() throws Exception {
        var relay = hasty(1, FAIL_CLOSED, 1);
        redis.freeze();
        var first = asked(relay, ALICE);
        Await.until("asked", () -> relay.openings.questions() == 1);
        var second = asked(relay, BOB);

        assertThat(second.get(30, TimeUnit.SECONDS)).isInstanceOf(Turn.Unknown.class);
        assertThat(first.get(30, TimeUnit.SECONDS)).isInstanceOf(Turn.Unknown.class);
        assertThat(relay.openings.questions()).isZero();
        assertThat(relay.counts.storeFailures()).as("only one was asked").isOne();

        redis.resume();
        Await.until("it is back", () -> relay.openings.awaySince().isEmpty());
        assertThat(ask(relay, BOB)).isInstanceOf(Turn.Granted.class);
    }

    @Test
    void sayWhenTheLoopHasEndedMeanwhile() throws Exception {
        var relay = hasty(1, FAIL_OPEN, MANY);
        var ending = new DefaultEventLoop();
        redis.freeze();
        var answer = asked(relay, ALICE, ending);
        Await.until("asked", () -> relay.openings.questions() == 1);
        ending.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();

        assertThat(answer.get(30, TimeUnit.SECONDS)).isInstanceOf(Turn.Gone.class);
        redis.resume();
    }

    @Test
    void startWithoutRedisAndConnectLater() throws Exception {
        redis.kill();
        var limit = new OpeningLimit(1, Duration.ofHours(1));
        var relay = unconnected(limit, FAIL_CLOSED, TIMEOUT, MANY);
        assertThat(ask(relay, ALICE)).isInstanceOf(Turn.Unknown.class);

        redis.start();
        Await.until("connected", () -> relay.openings.awaySince().isEmpty());
        assertThat(ask(relay, ALICE)).isInstanceOf(Turn.Granted.class);
    }
}
