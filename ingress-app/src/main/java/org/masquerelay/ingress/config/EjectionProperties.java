package org.masquerelay.ingress.config;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.ingress.fleet.FleetSettings.Ejection;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// When an egress gets no tunnels for a while.
///
/// @param failures one after the other, without an answer in between
/// @param baseTime for how long at first; twice as long each further time
/// @param maxTime for how long at most
/// @param maxShare of the fleet that is ejected at a time, at most
public record EjectionProperties(
        @DefaultValue("3") @Min(1) int failures,
        @DefaultValue("10s") @DurationMin(millis = 1) Duration baseTime,
        @DefaultValue("5m") @DurationMin(millis = 1) @DurationMax(days = 1) Duration maxTime,
        @DefaultValue("0.7") @DecimalMin("0") @DecimalMax("1") double maxShare) {
    Ejection toSettings() {
        if (baseTime.compareTo(maxTime) > 0) {
            throw new BadSettingException(
                    "relay.upstream.ejection.base-time",
                    "is longer than relay.upstream.ejection.max-time",
                    "Set it to max-time or less");
        }
        return new Ejection(failures, baseTime, maxTime, maxShare);
    }
}
