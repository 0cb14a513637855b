package org.masquerelay.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.masquerelay.token.SpentTokenStore.AlreadySpent;
import org.masquerelay.token.SpentTokenStore.Full;
import org.masquerelay.token.SpentTokenStore.Reserved;

class InMemorySpentTokensTest {
    private static final ImmutableBytes FIRST = ImmutableBytes.sha256Of(new byte[] {1});
    private static final ImmutableBytes SECOND = ImmutableBytes.sha256Of(new byte[] {2});
    private final Set<ImmutableBytes> live = ConcurrentHashMap.newKeySet();

    InMemorySpentTokensTest() {
        live.add(FIRST);
        live.add(SECOND);
    }

    @Test
    void letsATokenPassOnce() {
        var store = store(10);
        reserved(store, token(FIRST, 1)).commit();

        assertThat(store.reserveNow(token(FIRST, 1))).isEqualTo(new AlreadySpent());
        assertThat(store.reserve(token(FIRST, 1))).isCompletedWithValue(new AlreadySpent());
        assertThat(store.reserveNow(token(FIRST, 2))).isInstanceOf(Reserved.class);
    }

    @Test
    void holdsATokenWhileItIsUndecided() {
        var store = store(10);
        reserved(store, token(FIRST, 1));
        assertThat(store.reserveNow(token(FIRST, 1))).isEqualTo(new AlreadySpent());
    }

    @Test
    void givesAReleasedTokenBack() {
        var store = store(1);
        reserved(store, token(FIRST, 1)).release();
        assertThat(store.size()).isZero();
        reserved(store, token(FIRST, 1)).commit();
        assertThat(store.size()).isOne();
    }

    @Test
    void settlesOnce() {
        var store = store(10);
        var committed = reserved(store, token(FIRST, 1));
        committed.commit();
        committed.release();
        assertThat(store.reserveNow(token(FIRST, 1))).isEqualTo(new AlreadySpent());

        var released = reserved(store, token(FIRST, 2));
        released.release();
        reserved(store, token(FIRST, 2));
        released.release();
        assertThat(store.reserveNow(token(FIRST, 2))).isEqualTo(new AlreadySpent());
    }

    @Test
    void refusesWhenItIsFull() {
        var store = store(2);
        var one = reserved(store, token(FIRST, 1));
        reserved(store, token(FIRST, 2));
        assertThat(store.reserveNow(token(FIRST, 3))).isEqualTo(new Full());
        assertThat(store.reserveNow(token(FIRST, 2))).isEqualTo(new AlreadySpent());
        assertThat(store.reserveNow(token(SECOND, 3))).isInstanceOf(Reserved.class);

        one.release();
        assertThat(store.reserveNow(token(FIRST, 3))).isInstanceOf(Reserved.class);
    }

    @Test
    void forgetsTheTokensOfEndedChallengesWithoutLettingThemPassAgain() {
        var store = store(10);
        reserved(store, token(FIRST, 1)).commit();
        live.remove(FIRST);
        reserved(store, token(SECOND, 1)).commit();

        assertThat(store.size()).isOne();
        assertThat(store.reserveNow(token(FIRST, 1))).isEqualTo(new AlreadySpent());
        assertThat(store.size()).isOne();
    }

    @Test
    void refusesATokenWhoseChallengeEndsWhileItIsReserved() {
        var asked = new ArrayList<ImmutableBytes>();
        var store =
                new InMemorySpentTokens(
                        10,
                        digest -> {
                            asked.add(digest);
                            return asked.size() == 1;
                        });
        assertThat(store.reserveNow(token(FIRST, 1))).isEqualTo(new AlreadySpent());
    }

    @Test
    void hasOneWinnerAmongConcurrentDuplicates() throws Exception {
        int tokens = 200;
        int rivals = 50;
        var store = store(tokens);
        var gate = new CountDownLatch(1);
        var attempts = new ArrayList<Future<SpentTokenStore.Reservation>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int attempt = 0; attempt < tokens * rivals; attempt++) {
                var token = token(FIRST, attempt % tokens);
                attempts.add(
                        threads.submit(() -> {
                            gate.await();
                            return store.reserveNow(token);
                        }));
            }
            gate.countDown();
        }
        int winners = 0;
        for (var attempt : attempts) {
            winners += attempt.get() instanceof Reserved ? 1 : 0;
        }

        assertThat(winners).isEqualTo(tokens);
        assertThat(store.size()).isEqualTo(tokens);
    }

    @Test
    void keepsItsBoundUnderConcurrentReservesAndReleases() throws Exception {
        int capacity = 4;
        var store = store(capacity);
        var held = new AtomicInteger();
        var attempts = new ArrayList<Future<Integer>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int worker = 0; worker < 64; worker++) {
                int number = worker;
                attempts.add(threads.submit(() -> mostHeldTogether(store, number, held)));
            }
        }
        int most = 0;
        for (var attempt : attempts) {
            most = Math.max(most, attempt.get());
        }

        assertThat(most).isBetween(1, capacity);
        assertThat(store.size()).isZero();
    }

    private static int mostHeldTogether(InMemorySpentTokens store, int number, AtomicInteger held) {
        int most = 0;
        for (int round = 0; round < 500; round++) {
            if (store.reserveNow(token(FIRST, number)) instanceof Reserved reserved) {
                most = Math.max(most, held.incrementAndGet());
                Thread.onSpinWait();
                held.decrementAndGet();
                reserved.release();
            }
        }
        return most;
    }

    @Test
    void refusesACapacityOfNothing() {
        assertThatIllegalArgumentException().isThrownBy(() -> store(0));
    }

    private InMemorySpentTokens store(int capacity) {
        return new InMemorySpentTokens(capacity, live::contains);
    }

    private static Reserved reserved(InMemorySpentTokens store, Token token) {
        return (Reserved) store.reserveNow(token);
    }

    private static Token token(ImmutableBytes digest, int number) {
        byte[] nonce = ByteBuffer.allocate(Token.NONCE_LENGTH).putInt(number).array();
        var authenticator = ImmutableBytes.copyOf(new byte[256]);
        return new Token(ImmutableBytes.copyOf(nonce), digest, FIRST, authenticator);
    }
}
