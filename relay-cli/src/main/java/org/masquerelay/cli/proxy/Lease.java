package org.masquerelay.cli.proxy;

import java.util.concurrent.atomic.AtomicBoolean;

/// A tunnel's claim to the connection it is on, given back once.
final class Lease {
    private final AtomicBoolean ended = new AtomicBoolean();
    private final Runnable release;

    Lease(Runnable release) {
        this.release = release;
    }

    void end() {
        if (ended.compareAndSet(false, true)) {
            release.run();
        }
    }
}
