package org.masquerelay.transport;

import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Datagrams that came to a UDP socket before it was connected: from anybody.
///
/// The kernel keeps them when it connects the socket, and Netty would take them for the target's.
/// Java's own sockets discard them likewise.
final class EarlyArrivals {
    /// More than the receive buffer of a socket holds.
    private static final int MAX = 8192;

    private EarlyArrivals() {}

    /// Called when the socket has just been connected and nothing was sent, so that the target
    /// itself cannot have answered.
    static void discard(Channel channel) {
        if (!(channel instanceof UnixChannel socket)) {
            return;
        }
        var first = ByteBuffer.allocateDirect(1); // The kernel leaves out the rest of a datagram.
        try {
            for (int i = 0; i < MAX && socket.fd().read(first, 0, 1) != 0; i++) {
                first.clear();
            }
        } catch (IOException _) {
            // What the socket would have told was not meant for this tunnel either.
        }
    }
}
