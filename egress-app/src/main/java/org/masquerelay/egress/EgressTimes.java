package org.masquerelay.egress;

import java.time.Duration;
import java.util.Map;
import org.masquerelay.splice.TunnelTimes;
import org.masquerelay.tunnel.TunnelRequest;

/// How long tunnels may be silent, and how long they linger.
///
/// @param udpIdle a UDP tunnel without any datagram for so long is closed
/// @param udpIdleByPort the same for targets on these ports
/// @param tcpIdle a TCP tunnel without any byte for so long is closed
/// @param upstream likewise once its client has finished
/// @param drain a TCP tunnel whose client has finished and lost its connection ends after so long
public record EgressTimes(
        Duration udpIdle,
        Map<Integer, Duration> udpIdleByPort,
        Duration tcpIdle,
        Duration upstream,
        Duration drain) {
    public EgressTimes {
        udpIdleByPort = Map.copyOf(udpIdleByPort);
    }

    /// A bind tunnel has many targets, so the port of one of them says nothing.
    TunnelTimes of(TunnelRequest request) {
        return switch (request.kind()) {
            case TCP -> new TunnelTimes(tcpIdle, upstream, drain);
            case BIND -> TunnelTimes.idle(udpIdle);
            case UDP ->
                    TunnelTimes.idle(
                            request.scope()
                                    .map(target ->
                                            udpIdleByPort.getOrDefault(target.port(), udpIdle))
                                    .orElse(udpIdle));
        };
    }
}
