package org.masquerelay.egress.limit;

import java.time.Duration;

/// How much may pass in one direction.
///
/// @param packetsPerSecond datagrams; 0 for any number
/// @param bytesPerSecond bytes of payload; 0 for any number
/// @param burst what has not passed may pass later at once, as much as the rates give in this time
public record Rates(long packetsPerSecond, long bytesPerSecond, Duration burst) {
    /// Any number of both.
    public static final Rates NONE = new Rates(0, 0, Duration.ofSeconds(1));

    public Rates {
        if (packetsPerSecond < 0 || bytesPerSecond < 0 || !burst.isPositive()) {
            throw new IllegalArgumentException(
                    "rates: "
                            + packetsPerSecond
                            + "/s, "
                            + bytesPerSecond
                            + " bytes/s, "
                            + burst
                            + " (expected: not negative, and a burst)");
        }
    }

    public boolean isNone() {
        return packetsPerSecond == 0 && bytesPerSecond == 0;
    }
}
