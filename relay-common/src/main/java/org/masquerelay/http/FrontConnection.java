package org.masquerelay.http;

import org.masquerelay.observe.ConnectionTrace;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.tunnel.Peer;

/// One connection of a client: what its requests share. Confined to its event loop.
abstract class FrontConnection {
    private final FrontContext front;
    private final Carriage.Capsules capsules;
    private final ConnectionTrace trace;
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

    /// Who is at the other end; known once the handshake is done.
    abstract Peer peer();

    /// A request ended before it was read.
    abstract void brokenRequest();

    final FrontContext front() {
        return front;
    }

    final TunnelListener listener() {
        return front.listener();
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
