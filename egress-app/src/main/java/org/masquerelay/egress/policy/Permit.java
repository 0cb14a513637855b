package org.masquerelay.egress.policy;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.masquerelay.bind.PeerPolicy;
import org.masquerelay.egress.rule.Dscp;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;

/// Proof that a tunnel may go to these addresses.
///
/// Only [TargetPolicy] makes one, and a dialer dials nothing else, so the address checked is the
/// address dialled.
public final class Permit {
    private final TunnelRequest request;
    private final Optional<Tenant> tenant;
    private final List<InetSocketAddress> addresses;
    private final Optional<Dscp> dscp;
    private final PeerPolicy peers;

    Permit(
            TunnelRequest request,
            Optional<Tenant> tenant,
            List<InetSocketAddress> addresses,
            Optional<Dscp> dscp,
            PeerPolicy peers) {
        this.request = request;
        this.tenant = tenant;
        this.addresses = List.copyOf(addresses);
        this.dscp = dscp;
        this.peers = peers;
    }

    public TunnelRequest request() {
        return request;
    }

    /// Whose tunnel it is, as far as that is known.
    public Optional<Tenant> tenant() {
        return tenant;
    }

    /// At least one, in the order to be tried; none for a bind request without a target.
    public List<InetSocketAddress> addresses() {
        return addresses;
    }

    /// With what the policy has packets to the target marked; of a bind tunnel all that it sends.
    public Optional<Dscp> dscp() {
        return dscp;
    }

    /// Whom a bind tunnel may exchange datagrams with. Confined to the event loop of the tunnel.
    public PeerPolicy peers() {
        return peers;
    }
}
