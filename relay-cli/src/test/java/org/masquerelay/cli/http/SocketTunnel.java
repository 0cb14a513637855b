package org.masquerelay.cli.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import org.masquerelay.client.TcpTunnel;

/// A tunnel that is a connection of this machine.
record SocketTunnel(Socket socket, InputStream input, OutputStream output) implements TcpTunnel {
    static SocketTunnel to(int port) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        return new SocketTunnel(socket, socket.getInputStream(), socket.getOutputStream());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
