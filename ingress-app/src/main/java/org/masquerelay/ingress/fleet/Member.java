package org.masquerelay.ingress.fleet;

import java.util.concurrent.atomic.AtomicInteger;
import org.masquerelay.ingress.directory.Egress;

/// An egress of a fleet and the tunnels it has, on all event loops. The same one for as long as it
/// is in the directory or has tunnels.
public final class Member {
    private volatile Egress egress;
    private final AtomicInteger tunnels = new AtomicInteger();

    Member(Egress egress) {
        this.egress = egress;
    }

    /// As the directory has it now: its priority and weight may become others.
    public Egress egress() {
        return egress;
    }

    /// The same egress, of a rank that may be another.
    void rank(Egress now) {
        egress = now;
    }

    public String name() {
        return egress.name();
    }

    /// Tunnels that are open, and those on their way to being so.
    public int tunnels() {
        return tunnels.get();
    }

    /// A tunnel goes here; [#leave] follows, once.
    public void enter() {
        tunnels.incrementAndGet();
    }

    public void leave() {
        tunnels.decrementAndGet();
    }
}
