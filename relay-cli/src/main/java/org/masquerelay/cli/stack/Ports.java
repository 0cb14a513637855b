package org.masquerelay.cli.stack;

import java.io.IOException;

/// Where a stack listens: one port for the tunnels of each app, one for its management.
public record Ports(int ingress, int ingressManagement, int egress, int egressManagement) {
    /// What the documentation speaks of.
    public static final Ports DOCUMENTED = new Ports(4443, 8081, 4434, 8082);

    /// Ports that nobody uses now.
    public static Ports free() throws IOException {
        var found = FreePorts.find(4);
        return new Ports(found.get(0), found.get(1), found.get(2), found.get(3));
    }
}
