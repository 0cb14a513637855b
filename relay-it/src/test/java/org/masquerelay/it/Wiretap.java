package org.masquerelay.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.masquerelay.cli.stack.FreePorts;

/// Forwards datagrams and connections from a port of this machine to another one, and keeps all
/// that passes in either direction.
final class Wiretap implements AutoCloseable {
    private final InetAddress from;
    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Map<SocketAddress, DatagramSocket> flows = new ConcurrentHashMap<>();
    private final Queue<Socket> connections = new ConcurrentLinkedQueue<>();
    private final Queue<ByteArrayOutputStream> seen = new ConcurrentLinkedQueue<>();
    private volatile InetSocketAddress target = new InetSocketAddress(0);

    private Wiretap(InetAddress from, int port) throws IOException {
        this.from = from;
        var at = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.udp = new DatagramSocket(at);
        udp.setReceiveBufferSize(4 << 20);
        this.tcp = new ServerSocket();
        tcp.bind(at);
    }

    /// @param from the address that the other side sees
    static Wiretap start(InetAddress from) throws IOException {
        var tap = new Wiretap(from, FreePorts.find(1).getFirst());
        Thread.ofVirtual().start(tap::forwardDatagrams);
        Thread.ofVirtual().start(tap::accept);
        return tap;
    }

    void leadTo(int port) {
        target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    int port() {
        return udp.getLocalPort();
    }

    /// How many bytes have passed.
    long total() {
        return seen.stream().mapToLong(Wiretap::size).sum();
    }

    private static long size(ByteArrayOutputStream part) {
        synchronized (part) {
            return part.size();
        }
    }

    /// Whether these bytes have passed in one piece.
    boolean saw(byte[] wanted) {
        return seen.stream().anyMatch(part -> contains(part, wanted));
    }

    private static boolean contains(ByteArrayOutputStream part, byte[] wanted) {
        synchronized (part) {
            // A character of ISO 8859-1 for each byte.
            return part.toString(StandardCharsets.ISO_8859_1)
                    .contains(new String(wanted, StandardCharsets.ISO_8859_1));
        }
    }

    private void keep(byte[] bytes, int length) {
        var part = new ByteArrayOutputStream(length);
        part.write(bytes, 0, length);
        seen.add(part);
    }

    private void forwardDatagrams() {
        var packet = new DatagramPacket(new byte[2048], 2048);
        try {
            while (true) {
                packet.setLength(2048);
                udp.receive(packet);
                keep(packet.getData(), packet.getLength());
                var flow = flow(packet.getSocketAddress());
                flow.send(new DatagramPacket(packet.getData(), packet.getLength(), target));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private DatagramSocket flow(SocketAddress client) throws IOException {
        var known = flows.get(client);
        if (known != null) {
            return known;
        }
        var flow = new DatagramSocket(new InetSocketAddress(from, 0));
        flow.setReceiveBufferSize(4 << 20);
        flows.put(client, flow);
        Thread.ofVirtual().start(() -> forwardBack(flow, client));
        return flow;
    }

    private void forwardBack(DatagramSocket flow, SocketAddress client) {
        var packet = new DatagramPacket(new byte[2048], 2048);
        try {
            while (true) {
                packet.setLength(2048);
                flow.receive(packet);
                keep(packet.getData(), packet.getLength());
                udp.send(new DatagramPacket(packet.getData(), packet.getLength(), client));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void accept() {
        try {
            while (true) {
                var client = tcp.accept();
                var server = new Socket();
                connections.add(client);
                connections.add(server);
                server.bind(new InetSocketAddress(from, 0));
                server.connect(target);
                Thread.ofVirtual().start(() -> forward(client, server));
                Thread.ofVirtual().start(() -> forward(server, client));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private void forward(Socket one, Socket other) {
        var kept = new ByteArrayOutputStream();
        seen.add(kept);
        try (InputStream in = one.getInputStream();
                OutputStream out = other.getOutputStream()) {
            var buffer = new byte[16 * 1024];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                synchronized (kept) {
                    kept.write(buffer, 0, n);
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException _) {
            // Either side has gone.
        }
    }

    @Override
    public void close() {
        udp.close();
        flows.values().forEach(DatagramSocket::close);
        try {
            tcp.close();
            for (var connection : connections) {
                connection.close();
            }
        } catch (IOException _) {
            // Closed all the same.
        }
    }
}
