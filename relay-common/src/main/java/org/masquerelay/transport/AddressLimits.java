package org.masquerelay.transport;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;

/// How many connections each client address has, and whether it may have one more.
///
/// IPv6 is counted per /64, for that is what one client is given at least. Safe on any thread, and
/// asked only when a connection comes or goes. It holds no more entries than there are connections.
public final class AddressLimits {
    private final int perAddress;
    private final ConcurrentHashMap<Network, Integer> connections = new ConcurrentHashMap<>();

    /// An IPv4 address or the upper half of an IPv6 address.
    private record Network(boolean v6, long prefix) {
        static Network of(InetAddress address) {
            var bytes = ByteBuffer.wrap(address.getAddress());
            return address instanceof Inet6Address
                    ? new Network(true, bytes.getLong())
                    : new Network(false, bytes.getInt());
        }
    }

    /// @param perAddress connections that one address may have at the same time
    public AddressLimits(int perAddress) {
        if (perAddress < 1) {
            throw new IllegalArgumentException("perAddress: " + perAddress + " (expected: >= 1)");
        }
        this.perAddress = perAddress;
    }

    /// Counts a connection in, or returns false when `client` has as many as it may. Each true is
    /// given back by one [#leave].
    public boolean enter(InetAddress client) {
        var network = Network.of(client);
        while (true) {
            var count = connections.putIfAbsent(network, 1);
            if (count == null) {
                return true;
            }
            if (count >= perAddress) {
                return false;
            }
            if (connections.replace(network, count, count + 1)) {
                return true;
            }
        }
    }

    /// Counts a connection out that had entered.
    public void leave(InetAddress client) {
        connections.computeIfPresent(
                Network.of(client), (_, count) -> count == 1 ? null : count - 1);
    }

    /// Whether `client` has at least half of what it may.
    public boolean isCrowded(InetAddress client) {
        return connections.getOrDefault(Network.of(client), 0) >= (perAddress + 1) / 2;
    }

    /// Client addresses that have a connection.
    public int addresses() {
        return connections.size();
    }
}
