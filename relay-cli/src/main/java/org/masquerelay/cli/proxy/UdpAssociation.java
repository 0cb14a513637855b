package org.masquerelay.cli.proxy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.socks.SocksAddress;
import org.masquerelay.cli.socks.SocksDatagram;

/// The datagrams of one client (RFC 1928, section 7): a socket of its own here, and a UDP tunnel
/// for each of its targets.
///
/// Only the client's address is heard, and of that the port that was announced or else sends first:
/// others on the same machine have the same address.
final class UdpAssociation implements AutoCloseable {
    private static final int MAX_PACKET = 65535;

    private final DatagramSocket socket;
    private final Tunnels tunnels;
    private final Settings settings;
    private final InetAddress client;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<SocksAddress, UdpTarget> targets = new LinkedHashMap<>(16, 0.75f, true);
    private volatile @Nullable InetSocketAddress sender;

    /// @param maxTargets beyond it the one that is unused for longest gives way
    /// @param targetIdle how long a target may be unused
    /// @param retryAfter how long a target that has been refused is left alone
    public record Settings(int maxTargets, Duration targetIdle, Duration retryAfter) {
        /// RFC 4787, section 4.3, REQ-5: a mapping must not expire in less than two minutes.
        static final Settings STANDARD =
                new Settings(64, Duration.ofMinutes(2), Duration.ofSeconds(5));
    }

    private UdpAssociation(
            DatagramSocket socket, Tunnels tunnels, Settings settings, InetAddress client) {
        this.socket = socket;
        this.tunnels = tunnels;
        this.settings = settings;
        this.client = client;
    }

    /// For a client that has announced where it will send from, or zeros.
    static UdpAssociation open(
            LocalClient client, SocksAddress announced, Tunnels tunnels, Settings settings)
            throws IOException {
        var socket = new DatagramSocket(new InetSocketAddress(client.localAddress(), 0));
        var association = new UdpAssociation(socket, tunnels, settings, client.address());
        association.announce(announced);
        return association;
    }

    /// Some clients announce an address of another interface, or their target's: only a port that
    /// belongs to the client's own address is taken for what it says.
    private void announce(SocksAddress announced) {
        var address =
                announced
                        .target()
                        .flatMap(org.masquerelay.wire.HostPort::literal)
                        .filter(own -> own.isAnyLocalAddress() || own.equals(client));
        if (address.isPresent()) {
            sender = new InetSocketAddress(client, announced.port());
        }
    }

    /// Where the client sends its datagrams.
    InetSocketAddress address() {
        return new InetSocketAddress(socket.getLocalAddress(), socket.getLocalPort());
    }

    /// Takes datagrams from the client until this is closed.
    void run() {
        var packet = new DatagramPacket(new byte[MAX_PACKET], MAX_PACKET);
        while (!socket.isClosed()) {
            try {
                packet.setLength(MAX_PACKET);
                socket.receive(packet);
                take(packet);
            } catch (PortUnreachableException e) {
                // The client has closed its socket; its connection tells whether that is the end.
            } catch (IOException e) {
                socket.close();
            }
        }
    }

    private void take(DatagramPacket packet) {
        var from = (InetSocketAddress) packet.getSocketAddress();
        var known = sender;
        if (known == null ? !from.getAddress().equals(client) : !from.equals(known)) {
            return;
        }
        var datagram = SocksDatagram.parse(packet.getData(), packet.getLength());
        if (datagram.isEmpty()) {
            return;
        }
        sender = from;
        var target = targetOf(datagram.get().address());
        if (target != null) {
            target.send(datagram.get().payload());
        }
    }

    /// None when the address cannot be one, or all targets are still being opened.
    private @Nullable UdpTarget targetOf(SocksAddress address) {
        lock.lock();
        try {
            var known = targets.get(address);
            if (known != null) {
                return known;
            }
            var host = address.target();
            if (host.isEmpty() || socket.isClosed() || !makeRoom()) {
                return null;
            }
            var target =
                    new UdpTarget(
                            () -> tunnels.openUdp(host.get()),
                            settings,
                            payload -> deliver(address, payload));
            targets.put(address, target);
            target.start(() -> remove(address, target));
            return target;
        } finally {
            lock.unlock();
        }
    }

    private boolean makeRoom() {
        if (targets.size() < settings.maxTargets()) {
            return true;
        }
        var all = targets.values().iterator(); // That unused for longest comes first.
        while (all.hasNext()) {
            var target = all.next();
            if (target.giveUp()) {
                all.remove();
                return true;
            }
        }
        return false;
    }

    private void remove(SocksAddress address, UdpTarget target) {
        lock.lock();
        try {
            targets.remove(address, target);
        } finally {
            lock.unlock();
        }
    }

    private void deliver(SocksAddress from, byte[] payload) {
        var to = sender;
        if (to == null) {
            return;
        }
        byte[] packet = SocksDatagram.packet(from, payload);
        try {
            socket.send(new DatagramPacket(packet, packet.length, to));
        } catch (IOException e) {
            // Too long with its header, or the client has gone: datagrams may be lost.
        }
    }

    @Override
    public void close() {
        socket.close();
        ArrayList<UdpTarget> open;
        lock.lock();
        try {
            open = new ArrayList<>(targets.values());
            targets.clear();
        } finally {
            lock.unlock();
        }
        open.forEach(UdpTarget::close);
    }
}
