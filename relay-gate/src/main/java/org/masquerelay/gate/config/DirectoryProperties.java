package org.masquerelay.gate.config;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.token.issuance.DirectoryTrust;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How the directories of issuers are followed.
///
/// @param timeout for each fetch
/// @param minRefresh how soon a directory is fetched again at the earliest, after a failure too
/// @param maxRefresh how soon at the latest, and when the issuer does not say
/// @param overlap how long a key is trusted that its directory has ceased to list
/// @param maxStale how long keys are trusted while their directory does not come
public record DirectoryProperties(
        @DefaultValue("5s") @DurationMin(millis = 1) @DurationMax(minutes = 1) Duration timeout,
        @DefaultValue("1m") @DurationMin(millis = 1) Duration minRefresh,
        @DefaultValue("24h") @DurationMin(millis = 1) Duration maxRefresh,
        @DefaultValue("1h") @DurationMin(nanos = 0) Duration overlap,
        @DefaultValue("7d") @DurationMin(millis = 1) Duration maxStale) {

    DirectoryTrust.Policy policy() {
        if (maxRefresh.compareTo(minRefresh) < 0 || maxStale.compareTo(maxRefresh) < 0) {
            throw new BadSettingException(
                    "relay.auth.directories",
                    "has times that contradict each other",
                    "Set min-refresh, max-refresh and max-stale so that none is longer than the"
                            + " next");
        }
        return new DirectoryTrust.Policy(minRefresh, maxRefresh, overlap, maxStale);
    }
}
