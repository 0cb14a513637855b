package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.masquerelay.testkit.RawH2Client;
import org.masquerelay.testkit.RawH3Client;

/// A client of good will with a tunnel of its own, on which it makes one round trip after the
/// other, in its own time, whatever happens on other connections.
///
/// What is slow because the machine is busy with other things is no matter: a second client does
/// the same at the same time through a relay of its own, which nobody attacks. An attack that gets
/// through stops the event loop for seconds or takes hundreds of megabytes.
final class HealthyTunnel implements AutoCloseable {
    /// What a round trip carries.
    private static final int BYTES = 256;

    /// From one round trip to the next: 20 in a second at most.
    private static final Duration PAUSE = Duration.ofMillis(50);

    private static final Duration LONG_ENOUGH = Duration.ofMillis(1500);
    private static final int LEAST_SHARE = 20;
    private static final Duration LONGEST_ROUND_TRIP = Duration.ofSeconds(3);
    private static final long DIRECT_BOUND = 96L << 20;
    private static final long HEAP_BOUND = 64L << 20;

    private final Trips trips;
    private final AbuseFront elsewhere;
    private final Trips compared;

    /// Something that hostile clients do, at least once and again for about a second. It ends its
    /// own connections.
    interface Attack {
        void run() throws Exception;
    }

    private interface RoundTrip {
        byte[] of(byte[] content) throws Exception;
    }

    private interface Opening {
        Trips through(AbuseFront front) throws Exception;
    }

    /// How a tunnel went for a time.
    ///
    /// @param direct most bytes of direct memory at any time, of everything in this process
    private record Pace(int trips, Duration longest, long direct) {}

    /// The round trips of one client.
    private static final class Trips implements AutoCloseable {
        private final AutoCloseable client;
        private final Thread thread;
        private volatile @Nullable Throwable failure;
        private volatile boolean over;
        // Written by the thread alone.
        private volatile int count;
        private volatile long longestNanos;
        private volatile long mostDirect;

        Trips(AutoCloseable client, RoundTrip roundTrip) {
            this.client = client;
            this.thread = Thread.ofPlatform().name("healthy").start(() -> run(roundTrip));
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
                    count = i + 1;
                    LockSupport.parkNanos(PAUSE.toNanos() - took);
                }
            } catch (Throwable broken) {
                failure = broken;
            }
        }

        void restart() {
            longestNanos = 0;
            mostDirect = usedDirect();
        }

        Pace since(int from) {
            return new Pace(count - from, Duration.ofNanos(longestNanos), mostDirect);
        }

        @Override
        public void close() throws Exception {
            over = true;
            thread.join(Duration.ofSeconds(10));
            client.close();
            assertThat(thread.isAlive()).isFalse();
        }
    }

    private HealthyTunnel(AbuseFront front, Opening opening) throws Exception {
        this.trips = opening.through(front);
        this.elsewhere = AbuseFront.open();
        this.compared = opening.through(elsewhere);
    }

    static HealthyTunnel overH2(AbuseFront front) throws Exception {
        return new HealthyTunnel(front, HealthyTunnel::tripsOverH2);
    }

    static HealthyTunnel overH3(AbuseFront front) throws Exception {
        return new HealthyTunnel(front, HealthyTunnel::tripsOverH3);
    }

    private static Trips tripsOverH2(AbuseFront front) throws Exception {
        RawH2Client client = front.connectH2();
        var stream = client.request(AbuseFront.connect(AbuseService.ECHO));
        assertThat(stream.awaitStatus()).isEqualTo(200);
        return new Trips(
                client,
                content -> {
                    stream.data(content);
                    return stream.awaitBytes(content.length);
                });
    }

    private static Trips tripsOverH3(AbuseFront front) throws Exception {
        RawH3Client client = front.connectH3();
        var stream = client.request(AbuseFront.connect(AbuseService.ECHO));
        assertThat(stream.status()).isEqualTo(200);
        return new Trips(
                client,
                content -> {
                    stream.data(content);
                    return stream.bytes(content.length);
                });
    }

    /// Runs the attack beside this tunnel, and sees that neither its pace nor the memory tells.
    void keepsItsPaceBeside(Attack attack) throws Exception {
        long heapBefore = usedHeap();
        long directBefore = usedDirect();
        trips.restart();
        compared.restart();
        int from = trips.count;
        int comparedFrom = compared.count;
        long end = System.nanoTime() + LONG_ENOUGH.toNanos();
        do {
            attack.run();
        } while (System.nanoTime() < end);
        var beside = trips.since(from);
        var elsewhere = compared.since(comparedFrom);
        var what = "beside " + beside + ", elsewhere " + elsewhere;
        assertThat(trips.failure).as(what).isNull();
        assertThat(compared.failure).as(what).isNull();
        assertThat(beside.trips())
                .as(what)
                .isPositive()
                .isGreaterThanOrEqualTo(elsewhere.trips() / LEAST_SHARE);
        assertThat(beside.longest())
                .as(what)
                .isLessThan(elsewhere.longest().plus(LONGEST_ROUND_TRIP));
        assertThat(beside.direct() - directBefore).as(what).isLessThan(DIRECT_BOUND);
        assertThat(usedHeap() - heapBefore).as("heap kept").isLessThan(HEAP_BOUND);
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

    /// Ends the tunnels as they should.
    @Override
    public void close() throws Exception {
        try (elsewhere;
                compared) {
            trips.close();
        }
    }
}
