package org.masquerelay.egress.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.egress.opening.OpeningLimit;
import org.masquerelay.egress.opening.WhenUnavailable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How fast a tenant may open tunnels. A tunnel that is nobody's is not limited.
///
/// @param tunnels a further one is refused with 429; what was not opened may be opened later at
///   once, up to so many; 0 for any number
/// @param per the time in which a tenant may open so many over and over again
/// @param shared whom the limit is shared with: nobody, or all egresses at the Redis of
///   `spring.data.redis`
/// @param whenUnavailable what becomes of openings while Redis does not answer
/// @param timeout for each answer of Redis
/// @param keyPrefix what keys in Redis begin with
public record OpeningProperties(
        @DefaultValue("0") @Min(0) @Max(1_000_000) int tunnels,
        @DefaultValue("1m") @DurationMin(seconds = 1) @DurationMax(days = 1) Duration per,
        @DefaultValue("none") Shared shared,
        @DefaultValue("fail-open") WhenUnavailable whenUnavailable,
        @DefaultValue("500ms") @DurationMin(millis = 1) @DurationMax(seconds = 8) Duration timeout,
        @DefaultValue("masque:openings:") @Pattern(regexp = "[!-~]{0,64}") String keyPrefix) {
    private static final String PROPERTY = "relay.egress.limits.openings";

    /// Whom a limit is shared with.
    public enum Shared {
        NONE,
        REDIS
    }

    Optional<OpeningLimit> toLimit() {
        if (tunnels > 0) {
            return Optional.of(new OpeningLimit(tunnels, per));
        }
        if (shared == Shared.REDIS) {
            throw new BadSettingException(
                    PROPERTY + ".shared",
                    "is redis although there is no limit to share",
                    "Set " + PROPERTY + ".tunnels to how many tunnels a tenant may open");
        }
        return Optional.empty();
    }
}
