package org.masquerelay.egress.policy;

import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The addresses of this machine's interfaces, read anew when they are asked for and ten seconds
/// old.
///
/// Used by every event loop, none of which waits for the reading: it is given what was read before.
public final class MachineAddresses {
    private static final Logger LOG = LoggerFactory.getLogger(MachineAddresses.class);
    private static final long AGE_NANOS = Duration.ofSeconds(10).toNanos();

    private final Supplier<Set<InetAddress>> reading;
    private final Ticker ticker;
    private final Executor readers;
    private final AtomicLong readAt;
    private volatile Set<InetAddress> addresses;

    /// Reads for the first time, which blocks.
    public static MachineAddresses ofInterfaces() {
        return new MachineAddresses(
                MachineAddresses::read,
                Ticker.systemTicker(),
                reading -> Thread.ofVirtual().name("machine-addresses").start(reading));
    }

    MachineAddresses(Supplier<Set<InetAddress>> reading, Ticker ticker, Executor readers) {
        this.reading = reading;
        this.ticker = ticker;
        this.readers = readers;
        this.readAt = new AtomicLong(ticker.nanoTime());
        this.addresses = reading.get();
    }

    private static Set<InetAddress> read() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .collect(Collectors.toUnmodifiableSet());
        } catch (SocketException _) {
            LOG.warn("The addresses of this machine cannot be read");
            return Set.of();
        }
    }

    boolean contains(InetAddress address) {
        long last = readAt.get();
        long now = ticker.nanoTime();
        if (now - last >= AGE_NANOS && readAt.compareAndSet(last, now)) {
            readers.execute(() -> addresses = reading.get());
        }
        return addresses.contains(address);
    }
}
