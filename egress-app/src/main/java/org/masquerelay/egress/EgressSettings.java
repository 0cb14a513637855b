package org.masquerelay.egress;

import java.time.Duration;
import org.masquerelay.egress.dial.BindSettings;
import org.masquerelay.egress.limit.RateSettings;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.egress.resolve.ResolverSettings;

/// Where tunnels may go and how targets are reached.
///
/// @param targets which targets are allowed
/// @param resolver how names become addresses
/// @param connectTimeout until a TCP target has accepted at one of its addresses
/// @param connectionAttemptDelay until the next address of a TCP target is tried beside those that
///   do not answer
/// @param times how long tunnels may be silent
/// @param bind how the sockets of bind tunnels are opened
/// @param rates how fast tunnels may go
public record EgressSettings(
        TargetRules targets,
        ResolverSettings resolver,
        Duration connectTimeout,
        Duration connectionAttemptDelay,
        EgressTimes times,
        BindSettings bind,
        RateSettings rates) {}
