package org.masquerelay.egress.resolve;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;

/// Says whether this machine has a route to an address (RFC 6724, section 6, rule 1). Sends
/// nothing, and does not wait.
final class Routes {
    private static final int ANY_PORT = 9;

    private Routes() {}

    static boolean leadTo(InetAddress address) {
        var family =
                address instanceof Inet4Address
                        ? StandardProtocolFamily.INET
                        : StandardProtocolFamily.INET6;
        // Connecting a UDP socket is a question to the kernel only.
        try (var socket = DatagramChannel.open(family)) {
            socket.connect(new InetSocketAddress(address, ANY_PORT));
            return true;
        } catch (IOException | UnsupportedOperationException _) {
            return false;
        }
    }
}
