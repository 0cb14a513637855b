package org.masquerelay.gate.spent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.gate.spent.WhenUnavailable.FAIL_CLOSED;
import static org.masquerelay.gate.spent.WhenUnavailable.FAIL_OPEN;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.SpentTokenStore.AlreadySpent;
import org.masquerelay.token.SpentTokenStore.Reservation;
import org.masquerelay.token.SpentTokenStore.Reserved;
import org.masquerelay.token.Token;

/// Two ingresses and the Redis they share.
final class SharedSpentTokensTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ImmutableBytes CHALLENGE = bytes(32);
    private static final Duration LIFE = Duration.ofMinutes(13);
    private static final Duration TIMEOUT = Duration.ofMillis(400);

    @TempDir Path home;

    private RedisServer redis;
    private final List<SharedSpentTokens> stores = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        redis = RedisServer.inMemory(home);
    }

    @AfterEach
    void stop() throws Exception {
        stores.forEach(SharedSpentTokens::close);
        if (redis != null) {
            redis.close();
        }
    }

    @Test
    void letsOneOfManyDuplicatesPassAtAnyIngress() throws Exception {
        var ingresses = List.of(store(FAIL_CLOSED), store(FAIL_CLOSED), store(FAIL_CLOSED));
        for (int round = 0; round < 50; round++) {
            var token = token();
            var go = new CountDownLatch(1);
            var answers = new ArrayList<CompletableFuture<Reservation>>();
            for (int i = 0; i < 9; i++) {
                var ingress = ingresses.get(i % ingresses.size());
                var answer = new CompletableFuture<Reservation>();
                answers.add(answer);
                Thread.startVirtualThread(() -> {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    ingress.reserve(token).whenComplete((it, _) -> answer.complete(it));
                });
            }
            go.countDown();
            int passed = 0;
            for (var answer : answers) {
                passed += answer.get(20, TimeUnit.SECONDS) instanceof Reserved ? 1 : 0;
            }
            assertThat(passed).isOne();
        }
    }

    @Test
    void keepsATokenSpentWhoseIngressDied() throws Exception {
        var token = token();
        assertThat(ask(store(FAIL_CLOSED), token)).isInstanceOf(Reserved.class);

        assertThat(ask(store(FAIL_CLOSED), token)).isInstanceOf(AlreadySpent.class);
    }

    @Test
    void letsATokenPassElsewhereThatWasGivenBack() throws Exception {
        var one = store(FAIL_CLOSED);
        var other = store(FAIL_CLOSED);
        var token = token();
        var given = reserved(one, token);
        assertThat(ask(other, token)).isInstanceOf(AlreadySpent.class);

        given.release();

        await(() -> tryReserve(other, token));
        assertThat(ask(one, token)).isInstanceOf(AlreadySpent.class);
    }

    @Test
    void settlesATokenOnce() throws Exception {
        var one = store(FAIL_CLOSED);
        var other = store(FAIL_CLOSED);
        var spent = token();
        var held = reserved(one, spent);
        held.commit();
        held.release();
        assertThat(ask(other, spent)).isInstanceOf(AlreadySpent.class);
        assertThat(ask(one, spent)).isInstanceOf(AlreadySpent.class);

        var given = token();
        var first = reserved(one, given);
        first.release();
        reserved(one, given);
        first.release();
        assertThat(ask(other, given)).isInstanceOf(AlreadySpent.class);
    }

    @Test
    void keepsAHashAndNotTheTokenForAsLongAsItsChallenge() throws Exception {
        var token = token();
        reserved(store(FAIL_CLOSED), token);

        try (var connection = redis.factory().getConnection()) {
            var keys = connection.keyCommands().keys("*".getBytes(StandardCharsets.US_ASCII));
            assertThat(keys).hasSize(1);
            byte[] key = keys.iterator().next();
            assertThat(new String(key, StandardCharsets.US_ASCII))
                    .matches("test:[A-Za-z0-9_=-]{43,44}");
            assertThat(connection.keyCommands().pTtl(key))
                    .isBetween(LIFE.minusSeconds(60).toMillis(), LIFE.toMillis());
        }
    }

    @Test
    void forgetsATokenWhenItsChallengeHasEnded() throws Exception {
        var token = token();
        reserved(store(FAIL_CLOSED, Duration.ofMillis(300)), token);
        var other = store(FAIL_CLOSED);

        await(() -> tryReserve(other, token));
    }

    @Test
    void refusesWhileRedisIsAwayAndRecoversByItself() throws Exception {
        var store = store(FAIL_CLOSED);
        var token = token();
        redis.kill();

        assertThat(fails(store, token)).isTrue();
        assertThat(store.awaySince()).isPresent();
        assertThat(store.failures()).isPositive();
        assertThat(fails(store, token())).isTrue();

        redis.start();
        await(() -> store.awaySince().isEmpty());
        reserved(store, token);
        assertThat(store.unchecked()).isZero();
    }

    @Test
    void admitsEachTokenOncePerIngressWhileRedisIsAwayIfToldTo() throws Exception {
        var one = store(FAIL_OPEN);
        var other = store(FAIL_OPEN);
        var before = token();
        reserved(one, before).commit();
        var during = token();
        redis.kill();

        assertThat(ask(one, before)).isInstanceOf(AlreadySpent.class);
        reserved(one, during).commit();
        assertThat(ask(one, during)).isInstanceOf(AlreadySpent.class);
        assertThat(one.unchecked()).isOne();

        redis.start();
        await(() -> one.awaySince().isEmpty() && one.unsettled() == 0);
        assertThat(other.check().block()).isNotNull();
        await(() -> other.awaySince().isEmpty());
        assertThat(ask(other, during)).isInstanceOf(AlreadySpent.class);
        assertThat(other.unchecked()).isZero();
    }

    @Test
    void neitherAdmitsNorLosesATokenWhoseAnswerComesTooLate() throws Exception {
        var one = store(FAIL_CLOSED);
        var other = store(FAIL_CLOSED);
        var token = token();
        redis.freeze();

        assertThat(fails(one, token)).isTrue();
        assertThat(one.unsettled()).isOne();

        redis.resume();
        await(() -> one.unsettled() == 0 && one.awaySince().isEmpty());
        reserved(other, token);
        assertThat(ask(one, token)).isInstanceOf(AlreadySpent.class);
    }

    @Test
    void givesBackLaterWhatItCouldNotGiveBackAtOnce() throws Exception {
        var one = store(FAIL_CLOSED);
        var token = token();
        var held = reserved(one, token);
        redis.freeze();

        held.release();

        await(() -> one.unsettled() == 1);
        redis.resume();
        await(() -> one.unsettled() == 0);
        var other = store(FAIL_CLOSED);
        reserved(other, token);
    }

    @Test
    void startsWithoutRedisAndConnectsLater() throws Exception {
        redis.kill();
        var late = unconnected(FAIL_CLOSED, LIFE);
        assertThat(fails(late, token())).isTrue();

        redis.start();

        await(() -> late.awaySince().isEmpty());
        reserved(late, token());
    }

    private SharedSpentTokens store(WhenUnavailable policy) {
        return store(policy, LIFE);
    }

    private SharedSpentTokens store(WhenUnavailable policy, Duration life) {
        var store = unconnected(policy, life);
        await(() -> store.awaySince().isEmpty());
        return store;
    }

    private SharedSpentTokens unconnected(WhenUnavailable policy, Duration life) {
        var here = new InMemorySpentTokens(1000, CHALLENGE::equals);
        var parts = new SharedSpentTokens.Parts(here, () -> life, "test:", TIMEOUT, policy);
        var store = SharedSpentTokens.inRedis(redis.factory(), parts);
        stores.add(store);
        return store;
    }

    private static Token token() {
        return new Token(bytes(32), CHALLENGE, bytes(32), bytes(256));
    }

    private static ImmutableBytes bytes(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return ImmutableBytes.copyOf(ByteBuffer.wrap(bytes).array());
    }

    private static Reservation ask(SharedSpentTokens store, Token token) throws Exception {
        return store.reserve(token).toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static Reserved reserved(SharedSpentTokens store, Token token) throws Exception {
        var answer = ask(store, token);
        assertThat(answer).isInstanceOf(Reserved.class);
        return (Reserved) answer;
    }

    private static boolean tryReserve(SharedSpentTokens store, Token token) {
        try {
            return ask(store, token) instanceof Reserved;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static boolean fails(SharedSpentTokens store, Token token) throws Exception {
        try {
            ask(store, token);
            return false;
        } catch (ExecutionException _) {
            return true;
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within 30 s");
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }
}
