package org.masquerelay.ingress.upstream;

import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.wire.HostPort;

/// What two tunnels must have in common to share a connection: the egress, and whom we trust and
/// claim to be there.
record PoolKey(HostPort authority, TlsMaterial tls) {}
