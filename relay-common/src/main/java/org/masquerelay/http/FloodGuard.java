package org.masquerelay.http;

import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

/// Counts what a peer may send now and then but not all the time, such as PING and SETTINGS frames.
/// Confined to one event loop.
final class FloodGuard {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final int perWindow;
    private final Ticker ticker;
    private long windowStart;
    private int count;

    /// @param perWindow how many are fine in ten seconds
    FloodGuard(int perWindow, Ticker ticker) {
        this.perWindow = perWindow;
        this.ticker = ticker;
        this.windowStart = ticker.nanoTime();
    }

    /// Counts one; true says that it is one too many.
    boolean isFlooded() {
        long now = ticker.nanoTime();
        if (now - windowStart >= WINDOW_NANOS) {
            windowStart = now;
            count = 0;
        }
        return ++count > perWindow;
    }
}
