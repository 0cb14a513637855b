package org.masquerelay.http;

import io.netty.channel.Channel;

/// The event that has a connection ask its client for no more requests; those open go on.
enum GoAway {
    NOW;

    /// Sends the event to every connection, on its event loop.
    static void sendTo(Iterable<Channel> connections) {
        for (var connection : connections) {
            connection.eventLoop().execute(() -> connection.pipeline().fireUserEventTriggered(NOW));
        }
    }
}
