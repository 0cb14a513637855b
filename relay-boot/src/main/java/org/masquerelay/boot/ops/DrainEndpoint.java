package org.masquerelay.boot.ops;

import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.Drain;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/// `/actuator/drain`: GET tells whether the relay takes new tunnels, POST stops it from doing so,
/// DELETE lets it again.
@Endpoint(id = "drain")
public final class DrainEndpoint {
    private static final String NO_REASON = "operator";
    private static final int MAX_REASON_CHARS = 200;

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
        var state = drain.state();
        return new DrainState(
                state.isPresent(),
                state.map(Drain.Draining::since).orElse(null),
                state.map(Drain.Draining::reason).orElse(null),
                relay.activeTunnels());
    }

    @WriteOperation
    public DrainState start(@Nullable String reason) {
        drain.start(clock.instant(), reason == null ? NO_REASON : printable(reason));
        return state();
    }

    @DeleteOperation
    public DrainState undo() {
        drain.undo();
        return state();
    }

    /// Reasons end up in logs: one short line.
    private static String printable(String reason) {
        String line = reason.replaceAll("\\p{Cntrl}", " ").strip();
        return line.substring(0, Math.min(line.length(), MAX_REASON_CHARS));
    }

    /// The answer to each of the three.
    ///
    /// @param since null, as `reason`, while new tunnels are taken
    public record DrainState(
            boolean draining,
            @Nullable Instant since,
            @Nullable String reason,
            int activeTunnels) {}
}
