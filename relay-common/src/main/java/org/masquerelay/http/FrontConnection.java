package org.masquerelay.http;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.ConnectionTrace;
import org.masquerelay.observe.LogId;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.ShownCertificates.Standing;
import org.masquerelay.tunnel.Peer;

/// One connection of a client: what its requests share. Confined to its event loop.
abstract class FrontConnection {
    private final FrontContext front;
    private final Carriage.Capsules capsules;
    private @Nullable Peer peer;
    private @Nullable Standing standing;
    private final ConnectionTrace trace;
    private final LogId id = new LogId();
    private int tunnels;

    FrontConnection(FrontContext front) {
        this(front, ConnectionTrace.OFF);
    }

    FrontConnection(FrontContext front, ConnectionTrace trace) {
        this.front = front;
        this.trace = trace;
        var policy = front.settings().capsules();
        this.capsules = new Carriage.Capsules(policy, policy.newBudget(), front.listener());
    }

    /// The handshake is done: here is who is at the other end.
    final void connected(Peer other) {
        peer = other;
        standing =
                other.certificates().isEmpty()
                        ? null
                        : front.shown().standing(other.certificates());
    }

    /// Who asks now. A certificate that counts no more makes it somebody without one, or nobody who
    /// may ask where one is required.
    final Optional<Peer> peer() {
        var known = peer;
        if (known == null) {
            throw new IllegalStateException("connection: not active (expected: active)");
        }
        if (standing == null || standing.stands()) {
            return Optional.of(known);
        }
        var without = known.withoutCertificates(standing.isRevoked());
        return front.shown().suffices(without.certificates())
                ? Optional.of(without)
                : Optional.empty();
    }

    /// Asks the client for no more requests; those open go on. Again, it does nothing.
    abstract void goAway();

    /// A request ended before it was read.
    abstract void brokenRequest();

    final FrontContext front() {
        return front;
    }

    final TunnelListener listener() {
        return front.listener();
    }

    /// What it is called in logs.
    final LogId id() {
        return id;
    }

    final ConnectionTrace trace() {
        return trace;
    }

    final Carriage.Capsules capsules() {
        return capsules;
    }

    /// Takes one of the tunnels the connection may have, if one is left.
    final boolean takeTunnel() {
        if (tunnels >= front.settings().limits().maxTunnelsPerConnection()) {
            return false;
        }
        tunnels++;
        return true;
    }

    final void giveTunnelBack() {
        tunnels--;
    }
}
