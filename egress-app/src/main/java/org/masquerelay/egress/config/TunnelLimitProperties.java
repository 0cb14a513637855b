package org.masquerelay.egress.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import org.masquerelay.egress.limit.RateSettings;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How many tunnels there may be, and how fast they may go.
///
/// @param maxTunnels that are open at a time; a further one is refused with 503; 0 for any number
/// @param openings how fast a tenant may open tunnels
/// @param tunnel how fast one tunnel may go
/// @param tenant how fast all tunnels of one tenant together may go
public record TunnelLimitProperties(
        @DefaultValue("0") @Min(0) int maxTunnels,
        @DefaultValue @Valid OpeningProperties openings,
        @DefaultValue @Valid RateProperties tunnel,
        @DefaultValue @Valid RateProperties tenant) {
    private static final String PROPERTY = "relay.egress.limits";

    public RateSettings toRates() {
        return new RateSettings(
                tunnel.toRates(PROPERTY + ".tunnel"), tenant.toRates(PROPERTY + ".tenant"));
    }
}
