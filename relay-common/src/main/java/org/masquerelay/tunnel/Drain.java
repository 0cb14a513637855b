package org.masquerelay.tunnel;

import java.time.Instant;
import java.util.Optional;

/// Whether this relay takes new tunnels. One per app; read by every event loop, flipped by the
/// operator.
public final class Drain {
    private volatile Optional<Draining> state = Optional.empty();

    /// Since when and why no new tunnels are taken.
    public record Draining(Instant since, String reason) {}

    /// Stops taking new tunnels; running ones go on. A drain already running keeps its start and
    /// reason.
    public synchronized Draining start(Instant now, String reason) {
        var draining = state.orElseGet(() -> new Draining(now, reason));
        state = Optional.of(draining);
        return draining;
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
