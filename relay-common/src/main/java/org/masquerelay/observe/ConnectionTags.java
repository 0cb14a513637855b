package org.masquerelay.observe;

import org.masquerelay.observe.TunnelListener.QuicRole;
import org.masquerelay.tunnel.HttpVersion;

/// What every sample of a connection is tagged with.
///
/// @param role the side this relay is on
/// @param listener which of ours accepted it; [TunnelTags#UPSTREAM] where we dialled
public record ConnectionTags(QuicRole role, HttpVersion transport, String listener) {
    /// Of a connection that a client opened to `listener`.
    public static ConnectionTags accepted(HttpVersion transport, String listener) {
        return new ConnectionTags(QuicRole.SERVER, transport, listener);
    }

    /// Of a connection to another relay.
    public static ConnectionTags dialled(HttpVersion transport) {
        return new ConnectionTags(QuicRole.CLIENT, transport, TunnelTags.UPSTREAM);
    }
}
