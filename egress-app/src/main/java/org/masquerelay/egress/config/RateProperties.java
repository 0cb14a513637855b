package org.masquerelay.egress.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.egress.limit.Rates;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// How much may pass, in each direction by itself.
///
/// @param packetsPerSecond datagrams a second; more are dropped; 0 for any number
/// @param bytesPerSecond bytes a second; datagrams beyond are dropped, streams wait; 0 for any
///   number
/// @param burst what has not passed may pass later at once, as much as the rates give in this time
public record RateProperties(
        @DefaultValue("0") @Min(0) @Max(1_000_000_000) long packetsPerSecond,
        @DefaultValue("0B") DataSize bytesPerSecond,
        @DefaultValue("1s") @DurationMin(millis = 1) @DurationMax(minutes = 1) Duration burst) {
    /// Slower than this, one read of a TCP tunnel would wait for longer than anybody does.
    private static final DataSize SLOWEST = DataSize.ofKilobytes(1);

    private static final DataSize FASTEST = DataSize.ofTerabytes(1);

    /// `property` is where these rates are configured.
    Rates toRates(String property) {
        boolean isNone = bytesPerSecond.toBytes() == 0;
        if (!isNone
                && (bytesPerSecond.compareTo(SLOWEST) < 0
                        || bytesPerSecond.compareTo(FASTEST) > 0)) {
            throw new BadSettingException(
                    property + ".bytes-per-second",
                    "is out of range",
                    "Set it to 0, or to a value from 1KB to 1TB");
        }
        return new Rates(packetsPerSecond, bytesPerSecond.toBytes(), burst);
    }
}
