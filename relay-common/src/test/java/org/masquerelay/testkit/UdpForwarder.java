package org.masquerelay.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/// A NAT on loopback: what clients send it goes on from a port of its own for each, until that port
/// changes or nothing goes through at all.
public final class UdpForwarder implements AutoCloseable {
    private static final int LONGEST = 65535;

    private final DatagramSocket front = onLoopback();
    private final Map<SocketAddress, DatagramSocket> backs = new ConcurrentHashMap<>();
    private volatile InetSocketAddress target;
    private volatile boolean silent;
    private volatile int lossInterval;
    private volatile Optional<UnaryOperator<byte[]>> second = Optional.empty();
    private int answers;

    public UdpForwarder(InetSocketAddress target) {
        this.target = target;
        Thread.ofVirtual().start(this::forward);
    }

    private static DatagramSocket onLoopback() {
        try {
            return new DatagramSocket(0, InetAddress.getLoopbackAddress());
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) front.getLocalSocketAddress();
    }

    /// Lets nothing through any more, in either direction.
    public void silence() {
        silent = true;
    }

    /// Loses every packet of so many that go back to clients; 0 loses none.
    public void loseOneOf(int packets) {
        lossInterval = packets;
    }

    /// Behind each packet, in either direction, sends what `made` makes of a copy of it.
    public void sendTwice(UnaryOperator<byte[]> made) {
        second = Optional.of(made);
    }

    /// No longer.
    public void sendOnce() {
        second = Optional.empty();
    }

    private synchronized boolean isLost() {
        int interval = lossInterval;
        return interval > 0 && ++answers % interval == 0;
    }

    /// Lets everything through to `other`.
    public void forwardTo(InetSocketAddress other) {
        target = other;
        silent = false;
    }

    /// Gives every client another port, as a NAT that has forgotten them.
    public void rebind() {
        for (var client : java.util.List.copyOf(backs.keySet())) {
            var before = backs.put(client, open(client));
            if (before != null) {
                before.close();
            }
        }
    }

    private void forward() {
        var packet = new DatagramPacket(new byte[LONGEST], LONGEST);
        try {
            while (true) {
                packet.setLength(LONGEST);
                front.receive(packet);
                if (!silent) {
                    send(
                            backs.computeIfAbsent(packet.getSocketAddress(), this::open),
                            packet,
                            target);
                }
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private DatagramSocket open(SocketAddress client) {
        var back = onLoopback();
        Thread.ofVirtual()
                .start(() -> {
                    var packet = new DatagramPacket(new byte[LONGEST], LONGEST);
                    try {
                        while (true) {
                            packet.setLength(LONGEST);
                            back.receive(packet);
                            if (!silent && !isLost()) {
                                send(front, packet, client);
                            }
                        }
                    } catch (IOException _) {
                        // Closed.
                    }
                });
        return back;
    }

    private void send(DatagramSocket socket, DatagramPacket packet, SocketAddress to)
            throws IOException {
        var content = Arrays.copyOf(packet.getData(), packet.getLength());
        socket.send(new DatagramPacket(content, content.length, to));
        var also = second.map(made -> made.apply(content.clone()));
        if (also.isPresent()) {
            socket.send(new DatagramPacket(also.get(), also.get().length, to));
        }
    }

    @Override
    public void close() {
        front.close();
        backs.values().forEach(DatagramSocket::close);
    }
}
