package org.masquerelay.cli.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.masquerelay.tunnel.HttpVersion;

/// One run of the load generator.
///
/// @param transport the HTTP version that the first relay is reached by
/// @param window datagrams under way at a time, over all tunnels
/// @param admissions how many tunnels a second the ingress is asked for while one datagram is under
///   way; 0 asks for none
/// @param tenantRate packets a second that a tenant may send, where what one tenant feels of
///   another is measured; 0 where it is not
/// @param watched whose CPU time is read when the measurement starts and ends
public record Plan(
        Case measured,
        Endpoints endpoints,
        HttpVersion transport,
        Timing timing,
        int tunnels,
        int window,
        int admissions,
        int tenantRate,
        List<Watched> watched) {
    public Plan {
        watched = List.copyOf(watched);
        if (tunnels < 1 || window < tunnels) {
            throw new IllegalArgumentException(
                    "window: %d, tunnels: %d (expected: at least one datagram for each tunnel)"
                            .formatted(window, tunnels));
        }
    }

    /// Whether what a tunnel feels of the gate is to be measured, on a path that has one.
    boolean asksForAdmissions() {
        return admissions > 0 && measured.hasGate();
    }

    /// Whether what one tenant feels of another is to be measured, on a path that knows tenants.
    boolean hasTenants() {
        return tenantRate > 0 && measured.hasGate();
    }

    /// With one datagram under way.
    Plan calm() {
        return new Plan(
                measured, endpoints, transport, timing, 1, 1, admissions, tenantRate, watched);
    }

    /// Where everything listens, all on the loopback address.
    ///
    /// @param pki directory with the certificates of the relays
    public record Endpoints(Path pki, int ingress, int egress, TargetPorts targets) {}

    /// Ports of the targets: one echoes datagrams, one takes bytes, one sends bytes.
    public record TargetPorts(int echo, int sink, int source) {}

    /// @param warmup before anything is counted
    /// @param measured while everything is counted
    public record Timing(Duration warmup, Duration measured) {}

    /// A process by its role.
    public record Watched(String role, long pid) {}
}
