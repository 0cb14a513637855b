package org.masquerelay.cli.proxy;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.masquerelay.client.UdpTunnel;

/// A UDP tunnel on a shared connection.
record LeasedUdpTunnel(UdpTunnel tunnel, Lease lease) implements UdpTunnel {
    @Override
    public void send(byte[] payload) throws IOException {
        try {
            tunnel.send(payload);
        } catch (RejectedExecutionException closed) {
            throw new IOException("the tunnel is closed", closed);
        }
    }

    @Override
    public Optional<byte[]> receive(Duration timeout) throws IOException {
        return tunnel.receive(timeout);
    }

    @Override
    public void close() {
        try {
            tunnel.close();
        } catch (RejectedExecutionException _) {
            // The connection has been closed, and the tunnel with it.
        } finally {
            lease.end();
        }
    }
}
