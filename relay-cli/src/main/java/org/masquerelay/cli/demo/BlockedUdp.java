package org.masquerelay.cli.demo;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;

/// A UDP port of this machine that answers nothing, as behind a firewall without UDP.
final class BlockedUdp implements AutoCloseable {
    private static final int TRIED_WITHIN_MILLIS = 1000;

    private final DatagramSocket socket;

    private BlockedUdp(DatagramSocket socket) {
        this.socket = socket;
    }

    static BlockedUdp on(int port) throws IOException {
        return new BlockedUdp(
                new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
    }

    /// Whether somebody has sent something here; true once for each datagram.
    boolean wasTried() throws IOException {
        socket.setSoTimeout(TRIED_WITHIN_MILLIS);
        try {
            socket.receive(new DatagramPacket(new byte[1], 1));
            return true;
        } catch (SocketTimeoutException _) {
            return false;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
