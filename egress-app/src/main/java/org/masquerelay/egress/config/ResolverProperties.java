package org.masquerelay.egress.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.boot.config.DnsServers;
import org.masquerelay.egress.resolve.AddressFamilies;
import org.masquerelay.egress.resolve.ResolverSettings;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How names become addresses.
///
/// @param servers IP addresses of the DNS servers to ask; none takes those of the system
/// @param timeout until a name is given up
/// @param queryTimeout until a server that is silent is passed over for the next, or asked again
/// @param addresses which families are used, and which is tried first
/// @param resolutionDelay for the addresses of one family once those of the other are known
/// @param requireAuthenticatedData whether answers that DNSSEC has not authenticated are refused
/// @param cache what is remembered
public record ResolverProperties(
        @DefaultValue List<String> servers,
        @DefaultValue("5s") @DurationMin(millis = 1) Duration timeout,
        @DefaultValue("2s") @DurationMin(millis = 1) Duration queryTimeout,
        @DefaultValue("dual-stack") AddressFamilies addresses,
        @DefaultValue("50ms") @DurationMin Duration resolutionDelay,
        @DefaultValue("false") boolean requireAuthenticatedData,
        @DefaultValue @Valid Cache cache) {
    /// What is remembered of answers.
    ///
    /// @param maxEntries answers, over all event loops; 0 remembers nothing
    /// @param minTtl addresses are remembered at least for so long, whatever the answer says
    /// @param maxTtl addresses are remembered at most for so long
    /// @param negativeTtl that there is no such name or address is remembered at most for so long
    public record Cache(
            @DefaultValue("4096") @Min(0) @Max(1_000_000) int maxEntries,
            @DefaultValue("0s") @DurationMin Duration minTtl,
            @DefaultValue("5m") @DurationMin Duration maxTtl,
            @DefaultValue("10s") @DurationMin Duration negativeTtl) {
        private ResolverSettings.Cache toSettings() {
            if (minTtl.compareTo(maxTtl) > 0) {
                throw new BadSettingException(
                        "relay.egress.resolver.cache.min-ttl",
                        "is longer than relay.egress.resolver.cache.max-ttl",
                        "Set it to max-ttl or less");
            }
            return new ResolverSettings.Cache(maxEntries, minTtl, maxTtl, negativeTtl);
        }
    }

    public ResolverSettings toSettings() {
        if (requireAuthenticatedData && servers.isEmpty()) {
            throw new BadSettingException(
                    "relay.egress.resolver.require-authenticated-data",
                    "trusts what DNS servers say of DNSSEC, but those are the system's",
                    "Name validating servers, and only such as nobody stands before, in"
                            + " relay.egress.resolver.servers");
        }
        return new ResolverSettings(
                DnsServers.parse("relay.egress.resolver.servers", servers),
                new ResolverSettings.Times(timeout, queryTimeout, resolutionDelay),
                addresses,
                requireAuthenticatedData
                        ? ResolverSettings.Trust.AUTHENTICATED_DATA
                        : ResolverSettings.Trust.ANY_ANSWER,
                cache.toSettings());
    }
}
