package org.masquerelay.client;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// Datagrams to and from one target behind the relay; like UDP, they can get lost.
public interface UdpTunnel extends AutoCloseable {
    /// Sends one datagram.
    ///
    /// @throws IOException when the tunnel is closed
    void send(byte[] payload) throws IOException;

    /// The next datagram, or nothing within `timeout`.
    ///
    /// @throws IOException when the tunnel is closed and nothing is left
    Optional<byte[]> receive(Duration timeout) throws IOException;

    @Override
    void close();
}
