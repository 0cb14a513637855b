package org.masquerelay.transport;

import java.net.InetAddress;
import java.util.Optional;

/// Where the socket of a tunnel starts from.
///
/// On Linux the address need not be configured on an interface, as long as a local route leads to
/// it (IP_FREEBIND). Elsewhere it has to be one of this machine's, and the rest has to be empty.
///
/// @param address of the target's family; empty for the one that the system's routes give
/// @param networkInterface the one that all packets leave and arrive by (SO_BINDTODEVICE), at most
///   15 characters; empty for those of the system's routes
/// @param ports to take one of; empty for those of the system
public record SourceAddress(
        Optional<InetAddress> address,
        Optional<String> networkInterface,
        Optional<SourcePorts> ports) {
    /// Linux, IFNAMSIZ without the final zero.
    private static final int MAX_INTERFACE_NAME = 15;

    /// Everything as the system has it.
    public static final SourceAddress SYSTEM =
            new SourceAddress(Optional.empty(), Optional.empty(), Optional.empty());

    public SourceAddress {
        if (networkInterface.isPresent() && !isInterfaceName(networkInterface.get())) {
            throw new IllegalArgumentException(
                    "interface: not a name (expected: 1 to 15 printable ASCII characters, no"
                            + " slash)");
        }
    }

    /// Whether Linux lets an interface have this name.
    public static boolean isInterfaceName(String name) {
        return !name.isEmpty()
                && name.length() <= MAX_INTERFACE_NAME
                && name.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '/');
    }

    /// This one with its address.
    public static SourceAddress of(InetAddress address) {
        return new SourceAddress(Optional.of(address), Optional.empty(), Optional.empty());
    }
}
