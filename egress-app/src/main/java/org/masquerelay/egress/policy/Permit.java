package org.masquerelay.egress.policy;

import java.net.InetSocketAddress;
import java.util.List;
import org.masquerelay.tunnel.TunnelRequest;

/// Proof that a tunnel may go to these addresses.
///
/// Only [TargetPolicy] makes one, and a dialer dials nothing else, so the address checked is the
/// address dialled.
public final class Permit {
    private final TunnelRequest request;
    private final List<InetSocketAddress> addresses;

    Permit(TunnelRequest request, List<InetSocketAddress> addresses) {
        this.request = request;
        this.addresses = List.copyOf(addresses);
    }

    public TunnelRequest request() {
        return request;
    }

    /// At least one, in the order to be tried.
    public List<InetSocketAddress> addresses() {
        return addresses;
    }
}
