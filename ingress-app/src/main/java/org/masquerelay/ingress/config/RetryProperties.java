package org.masquerelay.ingress.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// When a tunnel is taken to another egress.
///
/// @param max further egresses that a tunnel is asked for, at most
/// @param patience a tunnel that has waited so long for a connection to one is taken to another
public record RetryProperties(
        @DefaultValue("2") @Min(0) @Max(16) int max,
        @DefaultValue("1s") @DurationMin(millis = 1) Duration patience) {}
