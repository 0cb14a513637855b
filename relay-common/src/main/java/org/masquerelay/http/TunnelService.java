package org.masquerelay.http;

import org.masquerelay.tunnel.Peer;

/// What a [H3Front] serves: tunnels, and ordinary requests beside them.
public interface TunnelService {
    /// Answers the exchange now or later, on its event loop.
    void open(TunnelExchange exchange);

    /// Answers an ordinary request now; called on the event loop, so it does not block.
    PlainResponse respond(PlainRequest request, Peer peer);
}
