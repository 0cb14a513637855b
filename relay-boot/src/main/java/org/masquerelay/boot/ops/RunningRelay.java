package org.masquerelay.boot.ops;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/// The pipeline of either app, as operations see it.
public interface RunningRelay extends AutoCloseable {
    /// Where the listeners are bound, in the order of the configuration.
    List<InetSocketAddress> addresses();

    int activeTunnels();

    /// Those that clients came for to one listener.
    int activeTunnels(String listener);

    /// Waits until no tunnel is left, at most `timeout`; blocks.
    void awaitTunnels(Duration timeout) throws InterruptedException;

    /// Closes listeners, tunnels and connections; blocks until they are gone.
    @Override
    void close();

    /// Makes one.
    interface Starter {
        /// Binds the listeners; an address that is taken ends it with a [java.net.BindException].
        RunningRelay start() throws IOException;
    }
}
