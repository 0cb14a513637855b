package org.masquerelay.egress.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.boot.config.BadSettingException;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Who may open tunnels at an egress, and where to.
///
/// @param allowPrivate whether targets outside the public address space are allowed
/// @param deniedPorts ports and ranges of ports that no tunnel goes to, whatever else is said
/// @param targets what tunnels may reach, all of them alike
/// @param policy what each tenant may reach
/// @param maxTunnelsPerConnection a further tunnel of a connection is refused with 503
/// @param clients `trusted` lets in whose certificate the SSL bundle's authorities sign; `gated`
///   has everybody else pass `relay.auth`; `any` makes an open relay
/// @param tenantKey the keys under which ingresses say whose tunnels are: each 32 bytes in base64,
///   or `file:` and a path; none for that of development
/// @param tenant whether a tunnel has to be somebody's
/// @param maxTunnelsPerTenant a further tunnel of a tenant is refused with 429; 0 for any number
/// @param resolver how names become addresses
/// @param connectTimeout until a TCP target has accepted at one of its addresses
/// @param connectionAttemptDelay until the next address of a TCP target is tried beside those that
///   do not answer (RFC 8305, section 8)
/// @param udpIdleTimeout a UDP tunnel without any datagram for so long is closed
/// @param allowSubRfcIdle allows a UDP idle timeout below the two minutes of RFC 9298
/// @param udpIdleTimeouts the same for targets on these ports, which may be shorter; of those that
///   answer each question once, such as DNS, nothing is to be waited for
/// @param tcpIdleTimeout a TCP tunnel without any byte for so long is closed
/// @param upstreamTimeout a TCP tunnel whose client has finished is closed when nothing has come
///   from its target for so long; 0 makes it the idle timeout
/// @param limits how many tunnels there may be, and how fast they may go
/// @param bind how the sockets of bind tunnels are opened
/// @param accessLog which tunnels are written down
/// @param source from which addresses of this machine tunnels reach their targets
public record TargetProperties(
        @DefaultValue("false") boolean allowPrivate,
        @DefaultValue({
                    "0", "19", "25", "123", "161", "162", "179", "1900", "3283", "5353", "11211"
                })
                List<String> deniedPorts,
        @DefaultValue @Valid RuleProperties targets,
        @DefaultValue @Valid PolicyProperties policy,
        @DefaultValue("256") @Min(1) int maxTunnelsPerConnection,
        @DefaultValue("trusted") Clients clients,
        @DefaultValue List<String> tenantKey,
        @DefaultValue("optional") TenantNeed tenant,
        @DefaultValue("0") @Min(0) int maxTunnelsPerTenant,
        @DefaultValue @Valid ResolverProperties resolver,
        @DefaultValue("10s") @DurationMin(millis = 1) Duration connectTimeout,
        @DefaultValue("250ms") @DurationMin(millis = 10) Duration connectionAttemptDelay,
        @DefaultValue("120s") @DurationMin(seconds = 1) Duration udpIdleTimeout,
        @DefaultValue("false") boolean allowSubRfcIdle,
        @DefaultValue Map<Integer, Duration> udpIdleTimeouts,
        @DefaultValue("2h") @DurationMin(seconds = 1) Duration tcpIdleTimeout,
        @DefaultValue("30s") @DurationMin(nanos = 0) Duration upstreamTimeout,
        @DefaultValue @Valid TunnelLimitProperties limits,
        @DefaultValue @Valid BindProperties bind,
        @DefaultValue @Valid AccessLogProperties accessLog,
        @DefaultValue @Valid SourceProperties source) {
    // RFC 9298, section 3.1: sockets are kept for at least two minutes without traffic.
    private static final Duration RFC_UDP_IDLE = Duration.ofMinutes(2);

    private static final Duration MIN_IDLE = Duration.ofSeconds(1);
    private static final int MAX_PORT = 65535;

    /// Who may open tunnels.
    public enum Clients {
        TRUSTED,
        GATED,
        ANY
    }

    /// Whether a tunnel has to be somebody's.
    public enum TenantNeed {
        OPTIONAL,
        REQUIRED
    }

    /// The idle timeout of UDP tunnels, if RFC 9298 or the operator allows it.
    public Duration checkedUdpIdleTimeout() {
        if (udpIdleTimeout.compareTo(RFC_UDP_IDLE) < 0 && !allowSubRfcIdle) {
            throw new BadSettingException(
                    "relay.egress.udp-idle-timeout",
                    "is shorter than the two minutes RFC 9298 asks for",
                    "Set it to 120s or more, or set relay.egress.allow-sub-rfc-idle to true");
        }
        return udpIdleTimeout;
    }

    /// The idle timeouts of UDP tunnels to some ports. Naming a port is permission enough to be
    /// below what RFC 9298 asks for.
    public Map<Integer, Duration> checkedUdpIdleTimeouts() {
        udpIdleTimeouts.forEach((port, timeout) -> {
            if (port < 1 || port > MAX_PORT || timeout.compareTo(MIN_IDLE) < 0) {
                throw new BadSettingException(
                        "relay.egress.udp-idle-timeouts[" + port + "]",
                        "is not a timeout of 1s or more for a port from 1 to 65535",
                        "Write each as 53: 30s");
            }
        });
        return udpIdleTimeouts;
    }
}
