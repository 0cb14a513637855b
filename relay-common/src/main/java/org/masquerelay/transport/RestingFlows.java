package org.masquerelay.transport;

import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.Tenant;

/// The UDP sources that tunnels have ceased to use towards a target, for as long as an answer to an
/// old tunnel could still reach a new one.
///
/// A wheel of sets, each for an eighth of the time, so that nothing is done to forget. TCP needs
/// none of this: the kernel keeps its ports in TIME_WAIT, and sequence numbers tell connections
/// apart. Used by every event loop, when a tunnel opens or closes.
///
/// Of the ports of an address a tenant's old tunnels keep a quarter from the others at most: for
/// each target, and of its bind tunnels for all targets together.
public final class RestingFlows {
    /// Nothing rests.
    public static final RestingFlows NONE =
            new RestingFlows(Duration.ZERO, 0, Ticker.systemTicker());

    private static final int SLICES = 8;

    /// Into so many the ports of an address are divided.
    private static final int SHARES = 4;

    /// The slice being filled is not over yet when the first of it has rested.
    private static final int SLOTS = SLICES + 1;

    private final long sliceNanos;
    private final int maxPerSlice;
    private final Ticker ticker;
    private final AtomicReferenceArray<@Nullable Slice> wheel = new AtomicReferenceArray<>(SLOTS);

    /// @param peer null stands for all, of a bind tunnel
    private record Flow(InetSocketAddress local, @Nullable InetSocketAddress peer) {}

    /// Whose sources they were.
    ///
    /// @param ports among how many a port was chosen
    record Owner(Optional<Tenant> tenant, int ports) {
        int share() {
            return Math.max(ports / SHARES, 1);
        }
    }

    /// What a share is of.
    private record Use(
            Optional<Tenant> tenant, InetAddress local, @Nullable InetSocketAddress peer) {}

    private record Slice(long number, Set<Flow> flows, AtomicInteger size, Map<Use, Integer> uses) {
        Slice(long number) {
            this(
                    number,
                    ConcurrentHashMap.newKeySet(),
                    new AtomicInteger(),
                    new ConcurrentHashMap<>());
        }
    }

    /// @param rest up to an eighth longer; zero turns it off
    /// @param max flows that rest at a time; further ones do not
    public RestingFlows(Duration rest, int max, Ticker ticker) {
        this.sliceNanos = rest.toNanos() / SLICES;
        this.maxPerSlice = Math.max(max / SLOTS, 1);
        this.ticker = ticker;
    }

    /// A tunnel from `local` to `target` has ended. Its source does not rest if too many of the
    /// owner's do.
    void rest(InetSocketAddress local, InetSocketAddress target, Owner owner) {
        add(new Flow(local, target), owner);
    }

    /// A bind tunnel at `local` has ended; otherwise the same.
    void rest(InetSocketAddress local, Owner owner) {
        add(new Flow(local, null), owner);
    }

    /// Whether an answer of `target` to an earlier tunnel may still come to `local`.
    boolean isResting(InetSocketAddress local, InetSocketAddress target) {
        return contains(new Flow(local, target)) || isResting(local);
    }

    /// Whether what is meant for an earlier bind tunnel may still come to `local`.
    boolean isResting(InetSocketAddress local) {
        return contains(new Flow(local, null));
    }

    private void add(Flow flow, Owner owner) {
        if (sliceNanos == 0) {
            return;
        }
        var use = new Use(owner.tenant(), flow.local().getAddress(), flow.peer());
        if (count(use) >= owner.share()) {
            return;
        }
        var slice = current();
        if (slice.size.get() < maxPerSlice && slice.flows.add(flow)) {
            slice.size.incrementAndGet();
            slice.uses.merge(use, 1, Integer::sum);
        }
    }

    private int count(Use use) {
        long now = sliceNumber();
        int count = 0;
        for (int i = 0; i < SLOTS; i++) {
            var slice = wheel.get(i);
            if (slice != null && isLive(slice, now)) {
                count += slice.uses.getOrDefault(use, 0);
            }
        }
        return count;
    }

    private Slice current() {
        long number = sliceNumber();
        int slot = slot(number);
        while (true) {
            var slice = wheel.get(slot);
            if (slice != null && slice.number >= number) {
                return slice;
            }
            var next = new Slice(number);
            if (wheel.compareAndSet(slot, slice, next)) {
                return next;
            }
        }
    }

    private boolean contains(Flow flow) {
        if (sliceNanos == 0) {
            return false;
        }
        long now = sliceNumber();
        for (int i = 0; i < SLOTS; i++) {
            var slice = wheel.get(i);
            if (slice != null && isLive(slice, now) && slice.flows.contains(flow)) {
                return true;
            }
        }
        return false;
    }

    /// How many rest now.
    public int size() {
        if (sliceNanos == 0) {
            return 0;
        }
        long now = sliceNumber();
        int size = 0;
        for (int i = 0; i < SLOTS; i++) {
            var slice = wheel.get(i);
            size += slice != null && isLive(slice, now) ? slice.size.get() : 0;
        }
        return size;
    }

    private static boolean isLive(Slice slice, long now) {
        return now - slice.number <= SLICES;
    }

    private long sliceNumber() {
        return Math.floorDiv(ticker.nanoTime(), sliceNanos);
    }

    private static int slot(long number) {
        return (int) Math.floorMod(number, (long) SLOTS);
    }
}
