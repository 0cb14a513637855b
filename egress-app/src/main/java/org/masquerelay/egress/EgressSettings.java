package org.masquerelay.egress;

import java.time.Duration;
import org.masquerelay.egress.dial.BindSettings;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.egress.resolve.ResolverSettings;

/// Where tunnels may go and how targets are reached.
///
/// @param targets which targets are allowed
/// @param resolver how names become addresses
/// @param connectTimeout until a TCP target has accepted at one of its addresses
/// @param connectionAttemptDelay until the next address of a TCP target is tried beside those that
///   do not answer
/// @param udpIdle a UDP tunnel without any datagram for so long is closed
/// @param tcpIdle a TCP tunnel without any byte for so long is closed
/// @param bind how the sockets of bind tunnels are opened
public record EgressSettings(
        TargetRules targets,
        ResolverSettings resolver,
        Duration connectTimeout,
        Duration connectionAttemptDelay,
        Duration udpIdle,
        Duration tcpIdle,
        BindSettings bind) {}
