package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.masquerelay.testkit.RawH2Client;
import org.masquerelay.testkit.RawH3Client;

/// A client of good will with a tunnel of its own, on which it makes one round trip after the
/// other, in its own time, whatever happens on other connections.
///
/// Its bounds are wide enough for a machine that is busy with other things: an attack that gets
/// through stops the event loop for seconds or takes hundreds of megabytes.
final class HealthyTunnel implements AutoCloseable {
    /// What a round trip carries.
    private static final int BYTES = 256;

    /// From one round trip to the next: 20 in a second at most.
    private static final Duration PAUSE = Duration.ofMillis(50);

    private static final Duration LONG_ENOUGH = Duration.ofMillis(1500);
    private static final double LEAST_SHARE_OF_RATE = 1.0 / 3;
    private static final Duration LONGEST_ROUND_TRIP = Duration.ofSeconds(3);
    private static final long DIRECT_BOUND = 96L << 20;
    private static final long HEAP_BOUND = 64L << 20;

    private final AutoCloseable client;
    private final Thread thread;
    private volatile @Nullable Throwable failure;
    private volatile boolean over;
    // Written by the thread alone.
    private volatile int trips;
    private volatile long longestNanos;
    private volatile long mostDirect;

    /// Something that hostile clients do, at least once and again for about a second. It ends its
    /// own connections.
    interface Attack {
        void run() throws Exception;
    }

    private interface RoundTrip {
        byte[] of(byte[] content) throws Exception;
    }

    /// How the tunnel went for a time.
    ///
    /// @param direct most bytes of direct memory at any time, of both sides
    private record Pace(double perSecond, Duration longest, long direct) {}

    private HealthyTunnel(AutoCloseable client, RoundTrip roundTrip) {
        this.client = client;
        this.thread = Thread.ofPlatform().name("healthy").start(() -> run(roundTrip));
    }

    static HealthyTunnel overH2(AbuseFront front) throws Exception {
        RawH2Client client = front.connectH2();
        var stream = client.request(AbuseFront.connect(AbuseService.ECHO));
        assertThat(stream.awaitStatus()).isEqualTo(200);
        return new HealthyTunnel(
                client,
                content -> {
                    stream.data(content);
                    return stream.awaitBytes(content.length);
                });
    }

    static HealthyTunnel overH3(AbuseFront front) throws Exception {
        RawH3Client client = front.connectH3();
        var stream = client.request(AbuseFront.connect(AbuseService.ECHO));
        assertThat(stream.status()).isEqualTo(200);
        return new HealthyTunnel(
                client,
                content -> {
                    stream.data(content);
                    return stream.bytes(content.length);
                });
    }

    private void run(RoundTrip roundTrip) {
        try {
            for (int i = 0; !over; i++) {
                var content = new byte[BYTES];
                content[0] = (byte) i;
                long start = System.nanoTime();
                assertThat(roundTrip.of(content)).isEqualTo(content);
                long took = System.nanoTime() - start;
                longestNanos = Math.max(longestNanos, took);
                mostDirect = Math.max(mostDirect, usedDirect());
                trips = i + 1;
                LockSupport.parkNanos(PAUSE.toNanos() - took);
            }
        } catch (Throwable broken) {
            failure = broken;
        }
    }

    /// Runs the attack beside this tunnel, and sees that neither its pace nor the memory tells.
    void keepsItsPaceBeside(Attack attack) throws Exception {
        var before = measure(() -> LockSupport.parkNanos(LONG_ENOUGH.toNanos() / 2));
        long heapBefore = usedHeap();
        var during =
                measure(() -> {
                    long end = System.nanoTime() + LONG_ENOUGH.toNanos();
                    do {
                        attack.run();
                    } while (System.nanoTime() < end);
                });
        var what = "before " + before + ", during " + during;
        assertThat(failure).as(what).isNull();
        assertThat(during.perSecond())
                .as(what)
                .isGreaterThanOrEqualTo(before.perSecond() * LEAST_SHARE_OF_RATE);
        assertThat(during.longest()).as(what).isLessThan(LONGEST_ROUND_TRIP);
        assertThat(during.direct() - before.direct()).as(what).isLessThan(DIRECT_BOUND);
        assertThat(usedHeap() - heapBefore).as("heap kept").isLessThan(HEAP_BOUND);
    }

    private Pace measure(Attack attack) throws Exception {
        longestNanos = 0;
        mostDirect = usedDirect();
        int from = trips;
        long start = System.nanoTime();
        attack.run();
        int count = trips - from;
        double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        return new Pace(count / seconds, Duration.ofNanos(longestNanos), mostDirect);
    }

    /// Bytes of direct memory that Netty's buffers take.
    static long usedDirect() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }

    /// Bytes of the heap that are in use.
    static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /// Ends the tunnel as it should.
    @Override
    public void close() throws Exception {
        over = true;
        thread.join(Duration.ofSeconds(10));
        client.close();
        assertThat(thread.isAlive()).isFalse();
    }
}
