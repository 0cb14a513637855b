package org.masquerelay.transport;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.masquerelay.bind.PeerPolicy;

/// Whom a bind tunnel talks to.
///
/// @param scope the one target that context 0 stands for, permitted already; empty if it has no
///   meaning
/// @param peers decides about every other peer
/// @param maxContexts open at a time
public record BoundTargets(Optional<InetSocketAddress> scope, PeerPolicy peers, int maxContexts) {}
