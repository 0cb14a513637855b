package org.masquerelay.gate.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Whose name and password let a request in.
///
/// @param usersFile a file with a name, a colon and an Argon2id hash on each line
/// @param cacheTime how long a right password is not computed again
/// @param verifications passwords computed at the same time; 0 takes one per two processors
/// @param maxFailures wrong names or passwords of a client address in a minute, before it has to
///   wait
public record BasicProperties(
        @DefaultValue("") String usersFile,
        @DefaultValue("5m") @DurationMin(nanos = 0) @DurationMax(days = 1) Duration cacheTime,
        @DefaultValue("0") @Min(0) @Max(64) int verifications,
        @DefaultValue("10") @Min(1) int maxFailures) {
    int verificationCount() {
        return verifications == 0
                ? Math.max(1, Runtime.getRuntime().availableProcessors() / 2)
                : verifications;
    }
}
