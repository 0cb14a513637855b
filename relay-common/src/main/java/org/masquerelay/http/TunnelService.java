package org.masquerelay.http;

import java.util.function.Consumer;
import org.masquerelay.tunnel.Peer;

/// What a [H3Front] serves: tunnels, and ordinary requests beside them.
public interface TunnelService {
    /// Answers the exchange now or later, on its event loop.
    void open(TunnelExchange exchange);

    /// Answers an ordinary request by calling `then` exactly once, now or later, on any thread.
    /// Called on the event loop, so it does not block.
    void respond(PlainRequest request, Peer peer, Consumer<PlainResponse> then);

    /// Whether the peer is a relay, whose connections carry the requests of many clients. A
    /// certificate alone makes none: end users have them too.
    default boolean isRelay(Peer peer) {
        return false;
    }
}
