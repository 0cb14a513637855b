package org.masquerelay.egress.dial;

import java.net.InetAddress;
import java.util.List;

/// How the sockets of bind tunnels are opened. Of each list at most one address per family.
///
/// @param addresses of this machine to bind to; empty for those that its routes start from
/// @param publicAddresses under which the outside knows this machine; empty for those bound to
/// @param maxContexts that one tunnel has open at a time
public record BindSettings(
        List<InetAddress> addresses, List<InetAddress> publicAddresses, int maxContexts) {
    public BindSettings {
        addresses = List.copyOf(addresses);
        publicAddresses = List.copyOf(publicAddresses);
    }
}
