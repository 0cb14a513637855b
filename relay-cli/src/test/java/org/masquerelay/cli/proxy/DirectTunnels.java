package org.masquerelay.cli.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.wire.HostPort;

/// Tunnels that are sockets of this machine: names are taken for the loopback address, and a
/// refused connection is reported as an egress does.
final class DirectTunnels implements Tunnels {
    final AtomicInteger udpOpened = new AtomicInteger();
    final AtomicInteger udpOpen = new AtomicInteger();
    volatile boolean refuses;

    @Override
    public TcpTunnel openTcp(HostPort target) throws IOException {
        try {
            return new TcpSocket(new Socket(addressOf(target), target.port()));
        } catch (IOException e) {
            throw refused(RefusalReason.CONNECTION_REFUSED);
        }
    }

    @Override
    public UdpTunnel openUdp(HostPort target) throws IOException {
        udpOpened.incrementAndGet();
        if (refuses) {
            throw refused(RefusalReason.DESTINATION_PROHIBITED);
        }
        var socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        udpOpen.incrementAndGet();
        return new UdpSocket(socket, new InetSocketAddress(addressOf(target), target.port()));
    }

    private static InetAddress addressOf(HostPort target) {
        return target.literal().orElse(InetAddress.getLoopbackAddress());
    }

    static TunnelRefusedException refused(RefusalReason reason) {
        return new TunnelRefusedException(
                reason.status(),
                HeaderFields.of("proxy-status", reason.because("").proxyStatus("egress")));
    }

    private record TcpSocket(Socket socket) implements TcpTunnel {
        @Override
        public InputStream input() {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    return socket.getInputStream().read();
                }

                @Override
                public int read(byte[] to, int offset, int length) throws IOException {
                    return socket.getInputStream().read(to, offset, length);
                }
            };
        }

        @Override
        public OutputStream output() {
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    socket.getOutputStream().write(b);
                }

                @Override
                public void write(byte[] from, int offset, int length) throws IOException {
                    socket.getOutputStream().write(from, offset, length);
                }

                @Override
                public void close() throws IOException {
                    socket.shutdownOutput();
                }
            };
        }

        /// As a tunnel: a reset unless both directions have ended.
        @Override
        public void close() throws IOException {
            if (!socket.isClosed() && !socket.isOutputShutdown()) {
                socket.setSoLinger(true, 0);
            }
            socket.close();
        }
    }

    private final class UdpSocket implements UdpTunnel {
        private final DatagramSocket socket;
        private final InetSocketAddress target;

        UdpSocket(DatagramSocket socket, InetSocketAddress target) {
            this.socket = socket;
            this.target = target;
        }

        @Override
        public void send(byte[] payload) throws IOException {
            socket.send(new DatagramPacket(payload, payload.length, target));
        }

        @Override
        public Optional<byte[]> receive(Duration timeout) throws IOException {
            var packet = new DatagramPacket(new byte[65535], 65535);
            socket.setSoTimeout((int) Math.max(1, timeout.toMillis()));
            try {
                socket.receive(packet);
                return Optional.of(Arrays.copyOf(packet.getData(), packet.getLength()));
            } catch (SocketTimeoutException e) {
                return Optional.empty();
            }
        }

        @Override
        public void close() {
            if (!socket.isClosed()) {
                socket.close();
                udpOpen.decrementAndGet();
            }
        }
    }
}
