package org.masquerelay.cli.proxy;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HexFormat;
import org.masquerelay.cli.proxy.LocalProxy.Protocol;

/// A proxy on a free port, served by a thread of its own.
final class RunningProxy implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(1);
    static final Duration HALF_CLOSED_IDLE = Duration.ofMillis(600);

    private final LocalProxy proxy;
    private final Thread thread;

    RunningProxy(LocalProxy proxy) {
        this.proxy = proxy;
        thread =
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> {
                            try {
                                proxy.serve();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
    }

    static LocalProxy.Settings settings() {
        return new LocalProxy.Settings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                EnumSet.allOf(Protocol.class),
                64,
                PATIENCE,
                HALF_CLOSED_IDLE,
                4,
                UdpAssociation.Settings.STANDARD);
    }

    static RunningProxy start(Tunnels tunnels) throws IOException {
        return new RunningProxy(LocalProxy.listen(settings(), tunnels));
    }

    int port() {
        return proxy.address().getPort();
    }

    Client connect() throws IOException {
        return new Client(new Socket(InetAddress.getLoopbackAddress(), port()));
    }

    boolean isServing() {
        return thread.isAlive();
    }

    @Override
    public void close() {
        proxy.close();
    }

    /// A program that uses the proxy.
    record Client(Socket socket, DataInputStream in) implements AutoCloseable {
        Client(Socket socket) throws IOException {
            socket.setSoTimeout(10_000);
            this(socket, new DataInputStream(socket.getInputStream()));
        }

        Client sends(String hex) throws IOException {
            socket.getOutputStream().write(HexFormat.of().parseHex(hex));
            return this;
        }

        Client says(String text) throws IOException {
            socket.getOutputStream()
                    .write(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            return this;
        }

        /// So many bytes, as hexadecimal digits.
        String reads(int count) throws IOException {
            byte[] bytes = new byte[count];
            in.readFully(bytes);
            return HexFormat.of().formatHex(bytes);
        }

        /// All up to the end.
        String readsAll() throws IOException {
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
        }

        /// Has a tunnel to a port of this machine.
        Client connectsTo(int port) throws IOException {
            sends("050100");
            reads(2);
            sends("050100017f000001" + HexFormat.of().toHexDigits((short) port));
            if (!reads(10).equals("05000001000000000000")) {
                throw new IOException("no tunnel");
            }
            return this;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
