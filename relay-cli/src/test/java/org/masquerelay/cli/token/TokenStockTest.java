package org.masquerelay.cli.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.token.Token;
import org.masquerelay.wire.HostPort;

@Timeout(30)
final class TokenStockTest {
    private static final int SIZE = 3;

    private final IssuingRelay relay = new IssuingRelay();
    private final Counting source = new Counting();
    private final TokenStock stock = new TokenStock(source, SIZE);

    /// Fetches, and tells how often.
    private final class Counting implements TokenSource {
        private final TokenFetcher fetcher =
                new TokenFetcher(relay, new HostPort("localhost", 4443), Clock.systemUTC());
        private final AtomicInteger asked = new AtomicInteger();
        private final Semaphore answered = new Semaphore(0);
        private volatile boolean fails;

        @Override
        public Token fetch(Challenges challenges) throws IOException {
            asked.incrementAndGet();
            try {
                if (fails) {
                    throw new IOException("no issuer");
                }
                return fetcher.fetch(challenges);
            } finally {
                answered.release();
            }
        }

        void awaitAnswers(int count) throws InterruptedException {
            assertThat(answered.tryAcquire(count, 10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void keepsAFewAheadAndNoMore() throws Exception {
        var challenge = Challenges.askFor(relay);

        var first = stock.fetch(challenge);
        source.awaitAnswers(1 + SIZE);
        var second = stock.fetch(challenge);
        source.awaitAnswers(1);

        assertThat(second).isNotEqualTo(first);
        assertThat(source.asked).hasValue(2 + SIZE);
    }

    @Test
    void keepsNoneForAnotherChallenge() throws Exception {
        var challenge = Challenges.askFor(relay);
        stock.fetch(challenge);
        source.awaitAnswers(1 + SIZE);
        relay.changeChallenge();
        var other = Challenges.askFor(relay);

        var token = stock.fetch(other);

        assertThat(token.challengeDigest())
                .isEqualTo(other.offered().getFirst().tokenChallenge().digest());
    }

    @Test
    void throwsAwayWhatIsDistrusted() throws Exception {
        var challenge = Challenges.askFor(relay);
        stock.fetch(challenge);
        source.awaitAnswers(1 + SIZE);

        stock.distrust();
        source.fails = true;

        assertThatThrownBy(() -> stock.fetch(challenge)).hasMessage("no issuer");
    }

    @Test
    void triesAgainAfterTheIssuerHasFailed() throws Exception {
        var challenge = Challenges.askFor(relay);
        source.fails = true;
        assertThatThrownBy(() -> stock.fetch(challenge)).hasMessage("no issuer");
        source.awaitAnswers(2);
        source.fails = false;

        assertThat(stock.fetch(challenge)).isNotNull();
    }

    @Test
    void doesNotCrowdTheIssuer() throws Exception {
        var challenge = Challenges.askFor(relay);
        var crowd = new AtomicInteger();
        var most = new AtomicInteger();
        var many = new CountDownLatch(1);
        var slow =
                new TokenStock(
                        wanted -> {
                            most.accumulateAndGet(crowd.incrementAndGet(), Math::max);
                            try {
                                many.await();
                                return source.fetch(wanted);
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            } finally {
                                crowd.decrementAndGet();
                            }
                        },
                        SIZE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<Future<Token>>();
            for (int i = 0; i < 100; i++) {
                all.add(threads.submit(() -> slow.fetch(challenge)));
            }
            while (crowd.get() < 16) {
                Thread.onSpinWait(); // The test's timeout is the limit.
            }
            many.countDown();
            for (var one : all) {
                one.get();
            }
        }
        assertThat(most).hasValue(16);
    }
}
