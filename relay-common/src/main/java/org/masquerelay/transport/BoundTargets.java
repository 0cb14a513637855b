package org.masquerelay.transport;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Predicate;

/// Whom a bind tunnel talks to.
///
/// @param scope the one target that context 0 stands for, permitted already; empty if it has no
///   meaning
/// @param allowed decides about every other peer, always alike
/// @param maxContexts open at a time
public record BoundTargets(
        Optional<InetSocketAddress> scope, Predicate<InetSocketAddress> allowed, int maxContexts) {}
