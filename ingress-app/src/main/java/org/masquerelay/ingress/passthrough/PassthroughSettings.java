package org.masquerelay.ingress.passthrough;

import java.time.Duration;
import java.util.Set;
import org.masquerelay.wire.HostPort;

/// Which egresses clients may talk to themselves.
///
/// @param egresses hosts and UDP ports
/// @param fleet whether all egresses of the fleet are among them, by their origins
/// @param only whether tunnels to everything else are refused
/// @param lookupTimeout until the name of an egress has an address
/// @param idleTime a tunnel without any datagram for so long is ended
public record PassthroughSettings(
        Set<HostPort> egresses,
        boolean fleet,
        boolean only,
        Duration lookupTimeout,
        Duration idleTime) {
    /// Nested mode is off.
    public static final PassthroughSettings NONE =
            new PassthroughSettings(
                    Set.of(), false, false, Duration.ofSeconds(5), Duration.ofSeconds(150));

    public PassthroughSettings {
        egresses = Set.copyOf(egresses);
    }
}
