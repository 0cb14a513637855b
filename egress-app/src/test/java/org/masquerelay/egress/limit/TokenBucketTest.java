package org.masquerelay.egress.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class TokenBucketTest {
    /// Such a clock may start anywhere, and pass zero.
    private static final long START = -TimeUnit.MILLISECONDS.toNanos(1500);

    private final TokenBucket bucket = new TokenBucket(100, Duration.ofMillis(500), START);

    private static long after(long millis) {
        return START + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private int takeAll(long now) {
        int taken = 0;
        while (bucket.hasToken(now)) {
            bucket.take(1, now);
            taken++;
        }
        return taken;
    }

    @Test
    void givesABurstAndThenTheRate() {
        assertThat(takeAll(START)).isEqualTo(50);
        assertThat(takeAll(after(10))).isEqualTo(1);
        assertThat(takeAll(after(110))).isEqualTo(10);
        int inOneSecond = 0;
        for (long millis = 111; millis <= 1110; millis++) {
            inOneSecond += takeAll(after(millis));
        }
        assertThat(inOneSecond).isEqualTo(100);
    }

    @Test
    void savesNoMoreThanABurst() {
        takeAll(START);
        assertThat(takeAll(after(3_600_000))).isEqualTo(50);
    }

    @Test
    void letsTheLargestPassAndHasTheNextWaitForIt() {
        assertThat(bucket.take(250, START)).isEqualTo(TimeUnit.SECONDS.toNanos(2));
        assertThat(bucket.hasToken(after(2000))).isFalse();
        assertThat(bucket.hasToken(after(2001))).isTrue();
        assertThat(bucket.nanosUntilFull(after(2000)))
                .isEqualTo(TimeUnit.MILLISECONDS.toNanos(500));
    }

    @Test
    void hasWhoComesLaterWaitLonger() {
        assertThat(bucket.take(100, START)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(500));
        assertThat(bucket.take(100, START)).isEqualTo(TimeUnit.MILLISECONDS.toNanos(1500));
    }

    @Test
    void losesNothingThatThreadsTakeAtOnce() throws Exception {
        int threads = 4;
        int each = 100_000;
        var fast = new TokenBucket(1_000_000, Duration.ofMillis(1), START);
        var start = new CountDownLatch(1);
        var done = new AtomicInteger();
        try (var executor = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < threads; i++) {
                executor.execute(() -> {
                    try {
                        start.await();
                    } catch (InterruptedException _) {
                        return;
                    }
                    for (int n = 0; n < each; n++) {
                        fast.take(1, START);
                    }
                    done.incrementAndGet();
                });
            }
            start.countDown();
        }
        assertThat(done).hasValue(threads);
        assertThat(fast.nanosUntilFull(START)).isEqualTo(1000L * threads * each);
    }
}
