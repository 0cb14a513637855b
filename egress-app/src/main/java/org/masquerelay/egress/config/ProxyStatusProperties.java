package org.masquerelay.egress.config;

import org.masquerelay.egress.policy.TargetRules.ProhibitedStatus;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How refusals are answered.
///
/// @param strictCodes whether a target without a permitted address is answered with the status that
///   RFC 9209 recommends, 502, and not with 403
public record ProxyStatusProperties(@DefaultValue("false") boolean strictCodes) {
    ProhibitedStatus prohibited() {
        return strictCodes ? ProhibitedStatus.BAD_GATEWAY : ProhibitedStatus.FORBIDDEN;
    }
}
