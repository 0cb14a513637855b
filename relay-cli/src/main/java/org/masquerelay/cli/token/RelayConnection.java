package org.masquerelay.cli.token;

/// A [Relay] that can be left.
public interface RelayConnection extends Relay, AutoCloseable {
    /// Ends the connection and all tunnels on it.
    @Override
    void close();
}
