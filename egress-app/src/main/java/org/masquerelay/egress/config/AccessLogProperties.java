package org.masquerelay.egress.config;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.egress.access.AccessSettings;
import org.masquerelay.egress.access.TargetDetail;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Which tunnels are written down, and what of them.
///
/// @param enabled whether any is
/// @param sample the share of tunnels, from 0 to 1
/// @param target how much of where they go
/// @param tenant whether it says whose they are; only without targets
public record AccessLogProperties(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("0.01") @DecimalMin("0") @DecimalMax("1") double sample,
        @DefaultValue("none") TargetDetail target,
        @DefaultValue("false") boolean tenant) {
    /// Nobody may have a log that says who went where, by accident either.
    AccessSettings toSettings() {
        if (tenant && target != TargetDetail.NONE) {
            throw new BadSettingException(
                    "relay.egress.access-log.tenant",
                    "would have one log say who went where",
                    "Set it to false, or set relay.egress.access-log.target to none");
        }
        return new AccessSettings(sample, target, tenant);
    }
}
