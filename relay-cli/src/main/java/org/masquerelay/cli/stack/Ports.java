package org.masquerelay.cli.stack;

import java.io.IOException;
import java.util.OptionalInt;

/// Where a stack listens: one port for the tunnels of each app, one for its management.
///
/// @param ingressWithoutUdp a second port of the ingress, where it speaks HTTP/2 and HTTP/1.1 only
public record Ports(
        int ingress,
        int ingressManagement,
        int egress,
        int egressManagement,
        OptionalInt ingressWithoutUdp) {
    /// What the documentation speaks of.
    public static final Ports DOCUMENTED = new Ports(4443, 8081, 4434, 8082);

    public Ports(int ingress, int ingressManagement, int egress, int egressManagement) {
        this(ingress, ingressManagement, egress, egressManagement, OptionalInt.empty());
    }

    /// Ports that nobody uses now.
    public static Ports free() throws IOException {
        var found = FreePorts.find(4);
        return new Ports(found.get(0), found.get(1), found.get(2), found.get(3));
    }

    /// The same, with the ingress on two of them.
    public static Ports freeAndOneWithoutUdp() throws IOException {
        var found = FreePorts.find(5);
        return new Ports(
                found.get(0),
                found.get(1),
                found.get(2),
                found.get(3),
                OptionalInt.of(found.get(4)));
    }
}
