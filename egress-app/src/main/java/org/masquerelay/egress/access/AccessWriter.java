package org.masquerelay.egress.access;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes lines on a thread of its own, as whatever is behind a logger may wait.
///
/// Event loops put lines into one bounded queue, which has no lock, and never wait: what does not
/// fit is counted and left out.
final class AccessWriter implements AutoCloseable {
    /// The name of the logger is for operators, not that of a class.
    private static final Logger ACCESS = LoggerFactory.getLogger("org.masquerelay.access");

    private static final Logger LOG = LoggerFactory.getLogger(AccessWriter.class);

    /// A line for people and pipes, and fields for formats that have them, such as ECS.
    static final Consumer<AccessLine> LOGGER =
            line -> {
                var event = ACCESS.atInfo().setMessage(line.toJson());
                for (var field : line.fields().entrySet()) {
                    event = event.addKeyValue("tunnel." + field.getKey(), field.getValue());
                }
                event.log();
            };

    /// Lines that wait; each is below a kilobyte.
    static final int MAX_QUEUED = 16_384;

    /// Lines are written once in so long: what is behind the logger has clocks of its own, and
    /// shall not say more of when a tunnel ended than the line does.
    private static final Duration NAP = Duration.ofSeconds(1);

    private final Consumer<AccessLine> sink;
    private final Queue<AccessLine> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    private final Thread thread;
    private volatile boolean stopping;
    private boolean toldOfTrouble;

    AccessWriter(Consumer<AccessLine> sink) {
        this.sink = sink;
        this.thread = Thread.ofPlatform().daemon().name("relay-access-log").start(this::run);
    }

    /// On any thread.
    void write(AccessLine line) {
        if (queued.incrementAndGet() > MAX_QUEUED) {
            queued.decrementAndGet();
            dropped.increment();
        } else {
            queue.add(line);
        }
    }

    long dropped() {
        return dropped.sum();
    }

    private void run() {
        while (true) {
            boolean last = stopping;
            for (var line = queue.poll(); line != null; line = queue.poll()) {
                queued.decrementAndGet();
                hand(line);
            }
            if (last) {
                return;
            }
            LockSupport.parkNanos(NAP.toNanos());
        }
    }

    private void hand(AccessLine line) {
        try {
            sink.accept(line);
        } catch (RuntimeException failure) {
            dropped.increment();
            if (!toldOfTrouble) {
                toldOfTrouble = true;
                LOG.error("the access log fails: {}", failure.getClass().getName());
            }
        }
    }

    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(thread);
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
