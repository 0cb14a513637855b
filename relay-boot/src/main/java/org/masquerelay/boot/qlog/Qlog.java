package org.masquerelay.boot.qlog;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.masquerelay.observe.ConnectionTrace;
import org.masquerelay.observe.PacketInterest;
import org.masquerelay.observe.TunnelListener.QuicRole;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes QUIC connections down, each into a file of its own, on a thread of its own.
///
/// Event loops put events into one bounded queue, which has no lock, and never wait: what does not
/// fit is counted and left out.
public final class Qlog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Qlog.class);
    private static final SecureRandom RANDOM = new SecureRandom();

    /// Events that wait for the writer.
    private static final int MAX_QUEUED = 16_384;

    /// Of one connection, so that it does not take the place of others.
    private static final int MAX_QUEUED_OF_ONE = MAX_QUEUED / 16;

    /// How long the writer sleeps when there is nothing to write; events may wait as long.
    private static final Duration NAP = Duration.ofMillis(50);

    private static final Duration SWEEP_PERIOD = Duration.ofMinutes(1);

    /// The share of the total after which files are looked through whatever the time.
    private static final int SWEEP_SHARE = 8;

    private final QlogSettings settings;
    private final QlogFolder folder;
    private final InstantSource clock;
    private final Queue<Entry> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder skipped = new LongAdder();
    private final Map<QlogTrace, QlogFile> files = new HashMap<>();
    private final Thread writer;
    private volatile boolean stopping;
    private boolean toldOfTrouble;
    private long writtenSinceSweep;

    /// @param last whether the trace ends with it
    private record Entry(QlogTrace trace, QlogEvent event, boolean last) {}

    /// @throws IOException when the directory cannot be used
    public Qlog(QlogSettings settings, InstantSource clock) throws IOException {
        this.settings = settings;
        this.clock = clock;
        this.folder = new QlogFolder(settings);
        this.writer = Thread.ofPlatform().daemon().name("relay-qlog").start(this::run);
    }

    /// What writes down a connection that begins now; [ConnectionTrace#OFF] for one that is not
    /// among the sample, or one too many.
    public ConnectionTrace trace(QuicRole role) {
        if (stopping || ThreadLocalRandom.current().nextDouble() >= settings.sampleRate()) {
            return ConnectionTrace.OFF;
        }
        if (open.incrementAndGet() > settings.maxOpen()) {
            open.decrementAndGet();
            skipped.increment();
            return ConnectionTrace.OFF;
        }
        return new QlogTrace(this, settings, role, clock.millis(), System::nanoTime);
    }

    /// What single packets have to be looked at for.
    public PacketInterest packetInterest() {
        return settings.packetInterest();
    }

    /// Events that were left out because the writer did not keep up.
    public long dropped() {
        return dropped.sum();
    }

    /// Connections that were not written down because there were too many.
    public long skipped() {
        return skipped.sum();
    }

    /// Connections that are being written down.
    int open() {
        return open.get();
    }

    /// Hands an event to the writer; on any thread.
    void add(QlogTrace trace, QlogEvent event) {
        if (trace.queued().get() >= MAX_QUEUED_OF_ONE) {
            dropped.increment();
        } else {
            put(new Entry(trace, event, false), MAX_QUEUED);
        }
    }

    /// The same for the last one, which always fits: there is one for each open trace.
    void end(QlogTrace trace, QlogEvent event) {
        put(new Entry(trace, event, true), Integer.MAX_VALUE);
    }

    private void put(Entry entry, int limit) {
        if (queued.incrementAndGet() > limit) {
            queued.decrementAndGet();
            dropped.increment();
        } else {
            entry.trace().queued().incrementAndGet();
            queue.add(entry);
        }
    }

    private void run() {
        long nextSweep = System.nanoTime();
        while (true) {
            boolean last = stopping;
            try {
                drain(queued.get());
                if (System.nanoTime() - nextSweep >= 0
                        || writtenSinceSweep > settings.maxTotal() / SWEEP_SHARE) {
                    nextSweep = System.nanoTime() + SWEEP_PERIOD.toNanos();
                    writtenSinceSweep = 0;
                    sweep();
                }
            } catch (RuntimeException e) {
                trouble(e); // The next connections may fare better.
            }
            if (last) {
                files.values().forEach(this::abandon);
                return;
            }
            if (queued.get() == 0) {
                LockSupport.parkNanos(NAP.toNanos());
            }
        }
    }

    /// Writes what is there, and not all that comes meanwhile.
    private void drain(int entries) {
        for (int i = 0; i < entries; i++) {
            var entry = queue.poll();
            if (entry == null) {
                return; // Counted, but not in the queue yet.
            }
            queued.decrementAndGet();
            entry.trace().queued().decrementAndGet();
            try {
                write(entry);
            } catch (IOException | RuntimeException e) {
                trouble(e);
                var file = files.remove(entry.trace());
                if (file != null) {
                    abandon(file);
                }
            }
            if (entry.last()) {
                open.decrementAndGet();
            }
        }
    }

    private void write(Entry entry) throws IOException {
        var file = files.get(entry.trace());
        if (file == null) {
            if (entry.trace().begun()) {
                return; // It could not be written.
            }
            file = begin(entry.trace());
            files.put(entry.trace(), file);
        }
        if (entry.last()) {
            files.remove(entry.trace());
            try {
                file.end(entry.event(), entry.trace().leftOut(), settings.compress());
            } catch (IOException | RuntimeException e) {
                abandon(file);
                throw e;
            }
            writtenSinceSweep += file.size();
        } else if (!file.add(entry.event())) {
            entry.trace().full();
        }
    }

    private QlogFile begin(QlogTrace trace) throws IOException {
        var random = new byte[8];
        RANDOM.nextBytes(random);
        var group = HexFormat.of().formatHex(random);
        var vantage = QlogEvent.vantage(trace.role());
        return new QlogFile(
                folder.file(trace.startMillis() + "-" + vantage + "-" + group),
                QlogEvent.header(settings, trace.role(), group, trace.startMillis()),
                settings.maxSize());
    }

    private void sweep() {
        try {
            folder.sweep(
                    clock.instant(),
                    files.values().stream().map(QlogFile::path).collect(Collectors.toSet()));
        } catch (IOException e) {
            trouble(e);
        }
    }

    private void abandon(QlogFile file) {
        try {
            file.close();
        } catch (IOException e) {
            trouble(e);
        }
    }

    /// A full disk is full for every event.
    private void trouble(Exception failure) {
        if (!toldOfTrouble) {
            toldOfTrouble = true;
            LOG.error(
                    "relay.qlog.directory cannot be written to ({}): connections are not written"
                            + " down in full",
                    failure.getClass().getSimpleName());
        }
    }

    /// Writes what is left and ends the writer; blocks until it has.
    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(writer);
        try {
            writer.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
