package org.masquerelay.ingress.fleet;

import java.time.Duration;

/// How tunnels are dealt out to the egresses of a fleet.
///
/// @param sticky what keeps tunnels at one egress
/// @param retries egresses that a tunnel is asked for after the first, at most
/// @param patience a tunnel that has waited so long for a connection to one egress is taken to
///   another
/// @param ejection when an egress is left alone
public record FleetSettings(Sticky sticky, int retries, Duration patience, Ejection ejection) {
    public static final FleetSettings STANDARD =
            new FleetSettings(
                    Sticky.NONE,
                    2,
                    Duration.ofSeconds(1),
                    new Ejection(3, Duration.ofSeconds(10), Duration.ofMinutes(5), 0.7));

    /// What keeps tunnels at one egress.
    public enum Sticky {
        NONE,
        /// Tunnels of one tenant go to one egress while that can take them.
        TENANT
    }

    /// When an egress is left alone, and for how long.
    ///
    /// @param failures one after the other, without an answer in between; those of one cause within
    ///   a second are one
    /// @param base how long at first; twice as long each further time
    /// @param max how long at most
    /// @param maxShare of all egresses that are ejected at a time, 0 to 1; 0 ejects none
    public record Ejection(int failures, Duration base, Duration max, double maxShare) {
        /// The `count`th in a row, without the jitter.
        Duration time(int count) {
            long factor = 1L << Math.min(count - 1, 20);
            long millis =
                    base.toMillis() > max.toMillis() / factor
                            ? max.toMillis()
                            : base.toMillis() * factor;
            return Duration.ofMillis(millis);
        }

        /// How many of a fleet may be ejected at a time.
        int most(int egresses) {
            return (int) Math.floor(maxShare * egresses + 1e-9);
        }
    }
}
