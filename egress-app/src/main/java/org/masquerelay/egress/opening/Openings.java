package org.masquerelay.egress.opening;

import io.netty.channel.EventLoop;
import java.util.function.Consumer;
import org.masquerelay.tunnel.Tenant;

/// Says whether a tenant may open one more tunnel now. Used by every event loop, and blocks none.
public interface Openings {
    /// Whoever may open tunnels may open any number.
    Openings UNLIMITED = (_, _, then) -> then.accept(Turn.Granted.INSTANCE);

    /// Called on `loop`. Calls `then` exactly once: on the loop, at once or later, or with
    /// [Turn.Gone] where that has ended meanwhile.
    void take(Tenant tenant, EventLoop loop, Consumer<Turn> then);
}
