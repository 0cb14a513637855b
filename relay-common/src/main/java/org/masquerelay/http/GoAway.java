package org.masquerelay.http;

import io.netty.channel.Channel;

/// Events that end a connection from our side.
enum GoAway {
    /// It asks its client for no more requests; those open go on.
    NOW,
    /// It closes, and what is open is cut off: in HTTP/1.1 closing in good order would pass for the
    /// end of what the tunnel carries.
    AT_ONCE;

    /// Sends the event to every connection, on its event loop.
    void sendTo(Iterable<Channel> connections) {
        for (var connection : connections) {
            connection
                    .eventLoop()
                    .execute(() -> connection.pipeline().fireUserEventTriggered(this));
        }
    }
}
