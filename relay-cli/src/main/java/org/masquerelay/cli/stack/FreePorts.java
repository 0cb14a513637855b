package org.masquerelay.cli.stack;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;

/// Ports of the loopback address that nothing listens on, neither with TCP nor with UDP.
public final class FreePorts {
    /// Far more than the few collisions to be expected.
    private static final int MAX_TRIES = 200;

    private FreePorts() {}

    /// So many different ports; all are held until the last is found, so none comes twice.
    public static List<Integer> find(int count) throws IOException {
        var ports = new ArrayList<Integer>();
        var held = new ArrayList<Held>();
        try {
            for (int i = 0; i < MAX_TRIES && ports.size() < count; i++) {
                var stream = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                try {
                    held.add(new Held(stream, datagramSocketOn(stream.getLocalPort())));
                    ports.add(stream.getLocalPort());
                } catch (SocketException e) {
                    stream.close(); // somebody has the UDP port of this number: take another
                }
            }
        } finally {
            for (var pair : held) {
                pair.datagrams().close();
                pair.stream().close();
            }
        }
        if (ports.size() < count) {
            throw new IOException("no " + count + " free ports on the loopback address");
        }
        return ports;
    }

    private static DatagramSocket datagramSocketOn(int port) throws SocketException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private record Held(ServerSocket stream, DatagramSocket datagrams) {}
}
