package org.masquerelay.tunnel;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Which listeners of this relay take new tunnels. One per app; read by every event loop, flipped
/// by the operator.
///
/// What the loops read is one immutable snapshot in a `volatile` field.
public final class Drain {
    /// The `details` of the refusal of a relay that drains, by which the relay before it knows that
    /// it is neither overloaded nor out of order.
    public static final String DETAILS = "this relay is draining";

    private final Map<String, Runnable> listeners = new LinkedHashMap<>();
    private volatile State state = new State(Optional.empty(), Map.of(), false);

    /// Since when and why no new tunnels are taken.
    public record Draining(Instant since, String reason) {}

    /// @param whole of the relay
    /// @param single of listeners on their own
    /// @param stopping whether there is no way back
    private record State(Optional<Draining> whole, Map<String, Draining> single, boolean stopping) {
        Optional<Draining> of(String listener) {
            var own = single.get(listener);
            return own == null ? whole : Optional.of(own);
        }
    }

    /// A listener is up. `goAway` runs whenever a drain of it starts, on the thread that starts it,
    /// and asks its clients to go elsewhere.
    public void serve(String listener, Runnable goAway) {
        boolean drains;
        synchronized (this) {
            listeners.put(listener, goAway);
            drains = state.of(listener).isPresent();
        }
        if (drains) {
            goAway.run();
        }
    }

    /// The names of the listeners that are up.
    public synchronized Set<String> listeners() {
        return Set.copyOf(listeners.keySet());
    }

    /// Stops taking new tunnels on all listeners; running ones go on. A drain already running keeps
    /// its start and reason.
    public Draining start(Instant now, String reason) {
        return start(new Draining(now, reason), false);
    }

    /// The same for good, because the relay stops: nobody can undo it.
    public Draining stop(Instant now, String reason) {
        return start(new Draining(now, reason), true);
    }

    private Draining start(Draining wanted, boolean stopping) {
        Draining draining;
        List<Runnable> leaving;
        synchronized (this) {
            leaving =
                    listeners.entrySet().stream()
                            .filter(listener -> state.of(listener.getKey()).isEmpty())
                            .map(Map.Entry::getValue)
                            .toList();
            draining = state().orElse(wanted);
            state = new State(Optional.of(draining), state.single(), stopping || state.stopping());
        }
        leaving.forEach(Runnable::run);
        return draining;
    }

    /// Stops taking new tunnels on one listener.
    ///
    /// @return nothing if there is no such listener
    public Optional<Draining> start(String listener, Instant now, String reason) {
        Runnable goAway;
        Draining draining;
        synchronized (this) {
            if (!listeners.containsKey(listener) || state.of(listener).isPresent()) {
                return state(listener);
            }
            goAway = Objects.requireNonNull(listeners.get(listener));
            draining = new Draining(now, reason);
            var single = new HashMap<>(state.single());
            single.put(listener, draining);
            state = new State(state.whole(), Map.copyOf(single), state.stopping());
        }
        goAway.run();
        return Optional.of(draining);
    }

    /// Takes new tunnels again on all listeners.
    ///
    /// @return false if the relay stops
    public synchronized boolean undo() {
        if (!state.stopping()) {
            state = new State(Optional.empty(), Map.of(), false);
        }
        return !state.stopping();
    }

    /// Takes new tunnels again on one listener; the others stay as they are.
    ///
    /// @return false if the relay stops
    public synchronized boolean undo(String listener) {
        if (!state.stopping()) {
            var single = new HashMap<>(state.single());
            state.whole()
                    .ifPresent(whole ->
                            listeners.keySet().forEach(other -> single.putIfAbsent(other, whole)));
            single.remove(listener);
            state = new State(Optional.empty(), Map.copyOf(single), false);
        }
        return !state.stopping();
    }

    /// Empty while at least one listener takes new tunnels. Of listeners that drain on their own it
    /// is the one that began last.
    public synchronized Optional<Draining> state() {
        var now = state;
        if (now.whole().isPresent() || !now.single().keySet().containsAll(listeners.keySet())) {
            return now.whole();
        }
        return now.single().values().stream().max(Comparator.comparing(Draining::since));
    }

    /// Empty while this listener takes new tunnels.
    public Optional<Draining> state(String listener) {
        return isServed(listener) ? state.of(listener) : Optional.empty();
    }

    private synchronized boolean isServed(String listener) {
        return listeners.containsKey(listener);
    }

    /// Whether no listener takes new tunnels.
    public boolean isDraining() {
        return state().isPresent();
    }

    /// Whether this listener takes none.
    public boolean isDraining(String listener) {
        return state.of(listener).isPresent();
    }
}
