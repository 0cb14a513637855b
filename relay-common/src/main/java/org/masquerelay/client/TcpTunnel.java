package org.masquerelay.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// A byte stream to a target behind the relay.
public interface TcpTunnel extends AutoCloseable {
    /// Blocks for bytes; -1 once the target has finished; an [IOException] when the tunnel was
    /// reset.
    InputStream input();

    /// Blocks while the tunnel takes no more. Closing it ends this direction only.
    OutputStream output();

    /// Ends both directions; what was not yet sent is discarded if the output was not closed
    /// before.
    @Override
    void close() throws IOException;
}
