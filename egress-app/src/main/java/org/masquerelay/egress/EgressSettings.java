package org.masquerelay.egress;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.masquerelay.egress.dial.BindSettings;
import org.masquerelay.egress.limit.RateSettings;
import org.masquerelay.egress.policy.TargetRules;

/// Where tunnels may go and how targets are reached.
///
/// @param targets which targets are allowed
/// @param nameServers the DNS servers to ask; empty for those of the system
/// @param resolveTimeout until a DNS server has answered one query
/// @param connectTimeout until a TCP target has accepted
/// @param times how long tunnels may be silent
/// @param bind how the sockets of bind tunnels are opened
/// @param rates how fast tunnels may go
public record EgressSettings(
        TargetRules targets,
        List<InetSocketAddress> nameServers,
        Duration resolveTimeout,
        Duration connectTimeout,
        EgressTimes times,
        BindSettings bind,
        RateSettings rates) {}
