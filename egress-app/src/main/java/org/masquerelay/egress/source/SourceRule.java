package org.masquerelay.egress.source;

import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.masquerelay.transport.SourceAddress;
import org.masquerelay.transport.SourcePorts;

/// Where sockets start from.
///
/// @param ipv4 the addresses for targets of IPv4; empty for the system's choice
/// @param ipv6 the same for targets of IPv6
/// @param networkInterface the one to use; empty for the system's choice
/// @param ports to use; empty for those of the system
public record SourceRule(
        Optional<AddressPool> ipv4,
        Optional<AddressPool> ipv6,
        Optional<String> networkInterface,
        Optional<SourcePorts> ports) {
    /// Everything as the system has it.
    public static final SourceRule SYSTEM =
            new SourceRule(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /// A source for targets of this family.
    public SourceAddress draw(StandardProtocolFamily family, RandomGenerator random) {
        var pool = family == StandardProtocolFamily.INET ? ipv4 : ipv6;
        Optional<InetAddress> address = pool.map(addresses -> addresses.draw(random));
        return new SourceAddress(address, networkInterface, ports);
    }

    /// This rule, with what it leaves out as in `other`.
    public SourceRule orElse(SourceRule other) {
        return new SourceRule(
                ipv4.or(other::ipv4),
                ipv6.or(other::ipv6),
                networkInterface.or(other::networkInterface),
                ports.or(other::ports));
    }
}
