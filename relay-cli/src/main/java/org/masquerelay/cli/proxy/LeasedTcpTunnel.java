package org.masquerelay.cli.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.RejectedExecutionException;
import org.masquerelay.client.TcpTunnel;

/// A TCP tunnel on a shared connection.
record LeasedTcpTunnel(TcpTunnel tunnel, Lease lease) implements TcpTunnel {
    @Override
    public InputStream input() {
        return tunnel.input();
    }

    @Override
    public OutputStream output() {
        return tunnel.output();
    }

    @Override
    public void close() throws IOException {
        try {
            tunnel.close();
        } catch (RejectedExecutionException _) {
            // The connection has been closed, and the tunnel with it.
        } finally {
            lease.end();
        }
    }
}
