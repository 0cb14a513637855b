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
/// @param watched whose CPU time is read when the measurement starts and ends
public record Plan(
        Case measured,
        Endpoints endpoints,
        HttpVersion transport,
        Timing timing,
        int tunnels,
        int window,
        int admissions,
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
