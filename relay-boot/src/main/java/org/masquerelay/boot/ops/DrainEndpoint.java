package org.masquerelay.boot.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.Drain.Draining;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/// `/actuator/drain` and `/actuator/drain/{listener}`: GET tells whether new tunnels are taken and
/// how many are left, POST stops taking them, DELETE takes them again.
///
/// 404 for a listener that is not there, 409 for DELETE while the relay stops.
@Endpoint(id = "drain")
public final class DrainEndpoint {
    private static final String NO_REASON = "operator";
    private static final int MAX_REASON_CHARS = 200;
    private static final int CONFLICT = 409;

    private final Drain drain;
    private final RelayLifecycle relay;
    private final Clock clock;

    public DrainEndpoint(Drain drain, RelayLifecycle relay, Clock clock) {
        this.drain = drain;
        this.relay = relay;
        this.clock = clock;
    }

    @ReadOperation
    public DrainState state() {
        var listeners = new TreeMap<String, DrainState>();
        drain.listeners().forEach(listener -> listeners.put(listener, stateOf(listener)));
        return state(drain.state(), relay.activeTunnels(), listeners);
    }

    @ReadOperation
    public WebEndpointResponse<DrainState> listenerState(@Selector String listener) {
        return drain.listeners().contains(listener)
                ? new WebEndpointResponse<>(stateOf(listener))
                : new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
    }

    @WriteOperation
    public DrainState start(@Nullable String reason) {
        drain.start(clock.instant(), printable(reason));
        return state();
    }

    @WriteOperation
    public WebEndpointResponse<DrainState> startListener(
            @Selector String listener, @Nullable String reason) {
        var _ = drain.start(listener, clock.instant(), printable(reason));
        return listenerState(listener);
    }

    @DeleteOperation
    public WebEndpointResponse<DrainState> undo() {
        boolean undone = drain.undo();
        return new WebEndpointResponse<>(state(), status(undone));
    }

    @DeleteOperation
    public WebEndpointResponse<DrainState> undoListener(@Selector String listener) {
        if (!drain.listeners().contains(listener)) {
            return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
        }
        boolean undone = drain.undo(listener);
        return new WebEndpointResponse<>(stateOf(listener), status(undone));
    }

    private static int status(boolean undone) {
        return undone ? WebEndpointResponse.STATUS_OK : CONFLICT;
    }

    private DrainState stateOf(String listener) {
        return state(drain.state(listener), relay.activeTunnels(listener), null);
    }

    private DrainState state(
            Optional<Draining> draining, int tunnels, @Nullable Map<String, DrainState> listeners) {
        return new DrainState(
                draining.isPresent(),
                draining.map(Draining::since).orElse(null),
                draining.map(Draining::reason).orElse(null),
                draining.map(relay::deadline).orElse(null),
                draining.map(relay::timeLeft).map(Duration::toSeconds).orElse(null),
                tunnels,
                listeners);
    }

    /// Reasons end up in logs: one short line.
    private static String printable(@Nullable String reason) {
        if (reason == null) {
            return NO_REASON;
        }
        String line = reason.replaceAll("\\p{Cntrl}", " ").strip();
        return line.substring(0, Math.min(line.length(), MAX_REASON_CHARS));
    }

    /// What each of them answers.
    ///
    /// @param draining of the relay: whether no listener takes new tunnels
    /// @param since null, as `reason`, `deadline` and `secondsLeft`, while new tunnels are taken
    /// @param deadline when a relay that stops ends the tunnels that are left
    /// @param listeners null in the state of one listener
    public record DrainState(
            boolean draining,
            @Nullable Instant since,
            @Nullable String reason,
            @Nullable Instant deadline,
            @Nullable Long secondsLeft,
            int activeTunnels,
            @JsonInclude(JsonInclude.Include.NON_NULL)
                    @Nullable Map<String, DrainState> listeners) {}
}
