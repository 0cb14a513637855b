package org.masquerelay.tunnel;

import org.masquerelay.wire.HostPort;

/// A well-formed request for one tunnel.
public record TunnelRequest(TunnelKind kind, HostPort target, RequestHead head, Peer peer) {}
