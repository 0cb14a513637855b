package org.masquerelay.http;

import io.netty.channel.EventLoop;
import org.masquerelay.observe.LogId;
import org.masquerelay.observe.Passed;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.tunnel.TunnelStream;

/// One tunnel request that waits for its answer. Confined to the event loop of the client's
/// connection.
public interface TunnelExchange {
    TunnelRequest request();

    /// What the tunnel is called in logs.
    LogId id();

    /// Whose tunnel it is has become known. Called before the answer, if at all.
    default void belongsTo(Tenant tenant) {}

    /// The loop that owns the tunnel, now and for its whole life.
    EventLoop eventLoop();

    /// Answers 2xx (or 101) with `fields` and gives the client's end of the tunnel. At most once.
    TunnelStream accept(HeaderFields fields);

    /// Answers the refusal. At most once, and not after [#accept].
    void refuse(Refusal refusal);

    /// Lets go of an exchange whose client is gone. At most once, instead of an answer.
    void abandon();

    /// The tunnel that was accepted is over.
    default void ended(Passed passed) {}

    /// Runs `action` when the client is gone before it is answered; the exchange is then let go of
    /// with [#abandon].
    void whenAbandoned(Runnable action);

    /// True when the client is gone and an answer reaches nobody.
    boolean isAbandoned();

    /// Whether the path leads nowhere, which only somebody who may enter is to be told: then the
    /// answer is 404, as it is for those who may not.
    default boolean leadsNowhere() {
        return false;
    }
}
