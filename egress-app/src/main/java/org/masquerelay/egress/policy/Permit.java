package org.masquerelay.egress.policy;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
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
    private final SequencedMap<InetSocketAddress, Optional<Dscp>> addresses;
    private final Optional<Dscp> dscp;
    private final PeerPolicy peers;

    /// @param addresses with the DSCP of each, in the order to be tried
    Permit(
            TunnelRequest request,
            Optional<Tenant> tenant,
            SequencedMap<InetSocketAddress, Optional<Dscp>> addresses,
            Optional<Dscp> dscp,
            PeerPolicy peers) {
        this.request = request;
        this.tenant = tenant;
        this.addresses = new LinkedHashMap<>(addresses);
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
        return List.copyOf(addresses.keySet());
    }

    /// With what the policy has packets to this one of the addresses marked.
    public Optional<Dscp> dscp(InetSocketAddress address) {
        return addresses.getOrDefault(address, Optional.empty());
    }

    /// The same for the first of the addresses; for all that a bind tunnel sends.
    public Optional<Dscp> dscp() {
        return dscp;
    }

    /// Whom a bind tunnel may exchange datagrams with. Confined to the event loop of the tunnel.
    public PeerPolicy peers() {
        return peers;
    }
}
