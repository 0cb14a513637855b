package org.masquerelay.splice;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.masquerelay.observe.Passed;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.tunnel.TunnelStream;

/// The tunnels of a relay from their opening to their end: joins their two ends, counts them, tells
/// the listener.
///
/// Used by every event loop; what is shared are counters, one for all and one for each listener,
/// and the few tunnels that linger.
public final class OpenTunnels {
    private static final Duration POLL = Duration.ofMillis(20);

    private final TunnelListener listener;
    private final Ticker ticker;
    private final AtomicInteger count = new AtomicInteger();
    private final Lingering lingering = new Lingering();
    private final Map<String, AtomicInteger> byListener = new ConcurrentHashMap<>();

    public OpenTunnels(TunnelListener listener, Ticker ticker) {
        this.listener = listener;
        this.ticker = ticker;
    }

    /// Joins the two ends of the tunnel that `request` asked for, on their event loop, and calls
    /// `ended` with what has passed when both are gone.
    ///
    /// @param accept answers the client; the tunnel is counted before, so that a relay which stops
    ///   at that moment does not take itself for idle
    public void join(
            TunnelRequest request,
            EventLoop loop,
            Supplier<TunnelStream> accept,
            TunnelStream target,
            TunnelTimes times,
            Consumer<Passed> ended) {
        var tags = TunnelTags.of(request);
        long opened = ticker.nanoTime();
        var ofListener = byListener.computeIfAbsent(tags.listener(), _ -> new AtomicInteger());
        count.incrementAndGet();
        ofListener.incrementAndGet();
        var traffic = listener.opened(tags);
        Splice.join(
                request.kind(),
                accept.get(),
                target,
                traffic,
                loop,
                times,
                lingering,
                passed -> {
                    count.decrementAndGet();
                    ofListener.decrementAndGet();
                    listener.closed(tags, ticker.nanoTime() - opened);
                    ended.accept(passed);
                });
    }

    /// Ends the tunnels that go on without the connection of their client; from now on none does.
    /// To be called before the connections of clients are closed: what closes then is not to
    /// outlive the event loops.
    public void stopLingering() {
        lingering.end();
    }

    public int count() {
        return count.get();
    }

    /// Those that clients came for to one listener.
    public int count(String listener) {
        var ofListener = byListener.get(listener);
        return ofListener == null ? 0 : ofListener.get();
    }

    /// Blocks until no tunnel is open, at most `timeout`. Never on an event loop.
    public void awaitNone(Duration timeout) throws InterruptedException {
        long deadline = ticker.nanoTime() + timeout.toNanos();
        while (count.get() > 0 && deadline - ticker.nanoTime() > 0) {
            ticker.sleep(POLL.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
