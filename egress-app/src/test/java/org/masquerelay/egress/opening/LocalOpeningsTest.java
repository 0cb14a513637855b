package org.masquerelay.egress.opening;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.tunnel.Tenant;

/// The buckets of one relay, at a time that the test lets pass.
@Timeout(60)
final class LocalOpeningsTest {
    private static final Tenant ALICE = new Tenant("alice");
    private static final Tenant BOB = new Tenant("bob");

    private final MockTicker time = Ticker.newMockTicker();
    private final EmbeddedChannel clock = EmbeddedChannel.builder().ticker(time).build();
    private final OpeningCounts counts = new OpeningCounts();

    private LocalOpenings perMinute(int tunnels) {
        return new LocalOpenings(limit(tunnels), counts, time);
    }

    private static OpeningLimit limit(int tunnels) {
        return new OpeningLimit(tunnels, Duration.ofMinutes(1));
    }

    private Turn take(LocalOpenings openings, Tenant tenant) {
        return openings.take(tenant, clock.eventLoop());
    }

    private int granted(LocalOpenings openings, Tenant tenant) {
        int granted = 0;
        while (take(openings, tenant) instanceof Turn.Granted) {
            granted++;
        }
        return granted;
    }

    private void pass(long millis) {
        time.advanceMillis(millis);
        clock.runScheduledPendingTasks();
    }

    @Test
    void letsATenantOpenABurstAndThenOneAfterTheOther() {
        var openings = perMinute(6);
        assertThat(granted(openings, ALICE)).isEqualTo(6);
        assertThat(take(openings, ALICE)).isEqualTo(new Turn.Later(10));

        pass(9_500);
        assertThat(take(openings, ALICE)).as("half a second early").isEqualTo(new Turn.Later(1));
        pass(500);
        assertThat(granted(openings, ALICE)).isOne();
        pass(20_000);
        assertThat(granted(openings, ALICE)).isEqualTo(2);
        pass(3_600_000);
        assertThat(granted(openings, ALICE)).as("no more than a burst").isEqualTo(6);
        assertThat(counts.refusals()).isEqualTo(6);
    }

    @Test
    void limitsEachTenantByItself() {
        var openings = perMinute(3);
        assertThat(granted(openings, ALICE)).isEqualTo(3);
        assertThat(granted(openings, BOB)).isEqualTo(3);
    }

    @Test
    void forgetsATenantWhoseBucketIsFull() {
        var openings = perMinute(6);
        take(openings, ALICE);
        granted(openings, BOB);
        assertThat(openings.tenants()).isEqualTo(2);

        pass(10_000);
        assertThat(openings.tenants()).isOne();
        pass(49_999);
        assertThat(openings.tenants()).isOne();
        pass(10_001);
        assertThat(openings.tenants()).isZero();
        assertThat(granted(openings, BOB)).isEqualTo(6);
    }

    @Test
    void remembersNoMoreTenantsThanItMay() {
        var openings = new LocalOpenings(limit(1), counts, time, 2);
        for (int i = 0; i < 5; i++) {
            assertThat(take(openings, new Tenant("t" + i))).isInstanceOf(Turn.Granted.class);
        }
        assertThat(openings.tenants()).isEqualTo(2);
        assertThat(counts.uncheckedOpenings()).isEqualTo(3);
        assertThat(take(openings, new Tenant("t0"))).isEqualTo(new Turn.Later(60));

        pass(60_000);
        assertThat(take(openings, new Tenant("t4"))).isInstanceOf(Turn.Granted.class);
        assertThat(take(openings, new Tenant("t4"))).isInstanceOf(Turn.Later.class);
    }

    @Test
    void grantsExactlyTheLimitToThreadsThatMeet() throws Exception {
        var openings = perMinute(1000);
        var granted = new AtomicInteger();
        var go = new CountDownLatch(1);
        var threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            threads[i] =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    go.await();
                                } catch (InterruptedException e) {
                                    throw new AssertionError(e);
                                }
                                granted.addAndGet(granted(openings, ALICE));
                            });
        }
        take(openings, ALICE); // The timer is set on the thread of its loop.
        go.countDown();
        for (var thread : threads) {
            thread.join();
        }
        assertThat(granted).hasValue(999);
    }
}
