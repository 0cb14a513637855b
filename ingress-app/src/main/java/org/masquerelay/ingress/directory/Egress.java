package org.masquerelay.ingress.directory;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.masquerelay.wire.HostPort;

/// One egress of a fleet.
///
/// @param name what it is called in meters and health, another one for each egress of a fleet;
///   never of a client or a target
/// @param authority its origin, whose host its certificate has to carry
/// @param address where it is; empty to have the host of `authority` looked up with each connection
/// @param priority egresses of a higher number are used only while none of a lower one can be (RFC
///   2782); 0 to 65535
/// @param weight its share of the tunnels among those of one priority; 0 to 65535, 0 hardly any
public record Egress(
        String name,
        HostPort authority,
        Optional<InetSocketAddress> address,
        int priority,
        int weight) {
    private static final int MAX = 0xffff;
    private static final int MAX_NAME = 300;

    public Egress {
        if (name.isEmpty() || name.length() > MAX_NAME) {
            throw new IllegalArgumentException(
                    "name: " + name.length() + " characters (expected: 1 to " + MAX_NAME + ")");
        }
        if (priority < 0 || priority > MAX) {
            throw new IllegalArgumentException(
                    "priority: " + priority + " (expected: 0 to " + MAX + ")");
        }
        if (weight < 0 || weight > MAX) {
            throw new IllegalArgumentException(
                    "weight: " + weight + " (expected: 0 to " + MAX + ")");
        }
    }

    /// One of the same rank as all others of its kind, called by its host and port.
    public static Egress at(HostPort authority) {
        return new Egress(authority.toString(), authority, Optional.empty(), 0, 1);
    }
}
