package org.masquerelay.gate.config;

import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.gate.spent.WhenUnavailable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Where spent tokens are remembered.
///
/// @param store in this process, or in the Redis of `spring.data.redis`
/// @param keyPrefix what keys in Redis begin with
/// @param timeout for each answer of Redis
/// @param whenUnavailable what becomes of tokens while Redis does not answer
public record SpentProperties(
        @DefaultValue("memory") Store store,
        @DefaultValue("masque:spent:") @Pattern(regexp = "[!-~]{0,64}") String keyPrefix,
        @DefaultValue("500ms") @DurationMin(millis = 1) @DurationMax(seconds = 8) Duration timeout,
        @DefaultValue("fail-closed") WhenUnavailable whenUnavailable) {

    /// Who remembers.
    public enum Store {
        MEMORY,
        REDIS
    }
}
