package org.masquerelay.cli.stack;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Optional;

/// A port that a stack would need and somebody has already, such as another stack. It is only
/// looked for: who takes a port afterwards keeps an app from starting.
///
/// @param protocol `TCP` or `UDP`
public record TakenPort(String protocol, int port) {
    /// Of a port for tunnels, which is on TCP and UDP and at all addresses.
    public static Optional<TakenPort> ofTunnels(int port) {
        var address = new InetSocketAddress(port);
        if (!canListen(address)) {
            return Optional.of(new TakenPort("TCP", port));
        }
        return canReceive(address) ? Optional.empty() : Optional.of(new TakenPort("UDP", port));
    }

    /// Of a management port, which is on TCP and at the loopback address.
    public static Optional<TakenPort> ofManagement(int port) {
        return canListen(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                ? Optional.empty()
                : Optional.of(new TakenPort("TCP", port));
    }

    private static boolean canListen(InetSocketAddress address) {
        try (var socket = new ServerSocket()) {
            socket.bind(address, 1);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static boolean canReceive(InetSocketAddress address) {
        try (var _ = new DatagramSocket(address)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
