package org.masquerelay.tunnel;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// Whether this relay takes new tunnels. One per app; read by every event loop, flipped by the
/// operator.
public final class Drain {
    private final List<Runnable> onStart = new CopyOnWriteArrayList<>();
    private volatile Optional<Draining> state = Optional.empty();

    /// Since when and why no new tunnels are taken.
    public record Draining(Instant since, String reason) {}

    /// Stops taking new tunnels; running ones go on. A drain already running keeps its start and
    /// reason.
    public Draining start(Instant now, String reason) {
        var draining = new Draining(now, reason);
        synchronized (this) {
            if (state.isPresent()) {
                return state.get();
            }
            state = Optional.of(draining);
        }
        onStart.forEach(Runnable::run);
        return draining;
    }

    /// Runs `action` whenever a drain starts, on the thread that starts it.
    public void whenStarted(Runnable action) {
        onStart.add(action);
    }

    public synchronized void undo() {
        state = Optional.empty();
    }

    public Optional<Draining> state() {
        return state;
    }

    public boolean isDraining() {
        return state.isPresent();
    }
}
