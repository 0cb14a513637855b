package org.masquerelay.cli.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.wire.HostPort;

/// A socket that reaches its peer through a tunnel.
///
/// Only what an HTTP client and TLS over it need: bytes both ways and closing. Options of TCP are
/// the egress's business and are taken without effect.
final class TunnelSocket extends Socket {
    private final TunnelOpener opener;
    private volatile @Nullable TcpTunnel tunnel;
    private volatile boolean closed;
    private volatile boolean inputShut;
    private volatile boolean outputShut;

    TunnelSocket(TunnelOpener opener) {
        this.opener = opener;
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
        connect(endpoint, 0);
    }

    /// The timeout is the relay connection's own.
    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
        if (!(endpoint instanceof InetSocketAddress address)) {
            throw new SocketException("a tunnel needs a host and a port");
        }
        // The name, not an address: names are resolved at the egress.
        var opened = opener.open(new HostPort(address.getHostString(), address.getPort()));
        tunnel = opened;
        if (closed) {
            opened.close();
            throw new SocketException("closed while connecting");
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return open().input();
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return open().output();
    }

    @Override
    public void shutdownOutput() throws IOException {
        outputShut = true;
        open().output().close();
    }

    @Override
    public void shutdownInput() {
        inputShut = true;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        var opened = tunnel;
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    public boolean isConnected() {
        return tunnel != null;
    }

    @Override
    public boolean isBound() {
        return tunnel != null;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public boolean isInputShutdown() {
        return inputShut;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShut;
    }

    /// Nowhere: the client does not know the target's address.
    @Override
    public InetAddress getInetAddress() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public InetAddress getLocalAddress() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public void setSoTimeout(int timeout) {}

    @Override
    public int getSoTimeout() {
        return 0;
    }

    @Override
    public void setTcpNoDelay(boolean on) {}

    @Override
    public void setKeepAlive(boolean on) {}

    @Override
    public void setSoLinger(boolean on, int linger) {}

    private TcpTunnel open() throws SocketException {
        var opened = tunnel;
        if (opened == null || closed) {
            throw new SocketException(closed ? "the tunnel is closed" : "there is no tunnel yet");
        }
        return opened;
    }
}
