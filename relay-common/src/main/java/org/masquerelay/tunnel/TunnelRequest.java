package org.masquerelay.tunnel;

import java.util.Optional;
import org.masquerelay.wire.HostPort;

/// A well-formed request for one tunnel.
///
/// @param scope where the tunnel goes; empty for a bind request that may talk to every peer
///   (draft-ietf-masque-connect-udp-listen, section 2)
public record TunnelRequest(
        TunnelKind kind, Optional<HostPort> scope, RequestHead head, Peer peer) {
    public TunnelRequest(TunnelKind kind, HostPort target, RequestHead head, Peer peer) {
        this(kind, Optional.of(target), head, peer);
    }

    /// The one target of a tunnel that has one.
    public HostPort target() {
        return scope.orElseThrow(() ->
                new IllegalStateException(
                        "request: an unscoped bind (expected: one with a target)"));
    }
}
