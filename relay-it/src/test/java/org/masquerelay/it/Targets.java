package org.masquerelay.it;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.masquerelay.wire.HostPort;

/// Real targets on loopback: one echoes datagrams, one echoes bytes until the client's FIN.
final class Targets implements AutoCloseable {
    private final DatagramSocket udp;
    private final ServerSocket tcp;

    Targets() throws IOException {
        udp = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        udp.setReceiveBufferSize(4 << 20);
        tcp = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::echoDatagrams);
        Thread.ofVirtual().start(this::accept);
    }

    HostPort udp() {
        return new HostPort("127.0.0.1", udp.getLocalPort());
    }

    HostPort tcp() {
        return new HostPort("127.0.0.1", tcp.getLocalPort());
    }

    private void echoDatagrams() {
        var packet = new DatagramPacket(new byte[2048], 2048);
        try {
            while (true) {
                packet.setLength(2048);
                udp.receive(packet);
                udp.send(packet);
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void accept() {
        try {
            while (true) {
                var socket = tcp.accept();
                Thread.ofVirtual().start(() -> echo(socket));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException _) {
            // The other side has gone.
        }
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
