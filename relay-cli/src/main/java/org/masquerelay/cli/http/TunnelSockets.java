package org.masquerelay.cli.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/// Makes sockets that are not connected yet, the only kind an OkHttp client asks for.
final class TunnelSockets extends SocketFactory {
    private final TunnelOpener opener;

    TunnelSockets(TunnelOpener opener) {
        this.opener = opener;
    }

    @Override
    public Socket createSocket() {
        return new TunnelSocket(opener);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw connectedAsked();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
            throws IOException {
        throw connectedAsked();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw connectedAsked();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
            throws IOException {
        throw connectedAsked();
    }

    private static IOException connectedAsked() {
        return new IOException("a tunnel is opened by connecting its socket");
    }
}
