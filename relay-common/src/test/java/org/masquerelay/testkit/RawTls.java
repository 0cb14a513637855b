package org.masquerelay.testkit;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.KeyExporter;

/// A TLS 1.3 connection over TCP that a test can end in every way there is. Blocks.
///
/// One thread at a time may read; any thread may send.
public final class RawTls implements AutoCloseable {
    private static final int LIMIT_SECONDS = 10;
    private static final int CLOSE_SECONDS = 2;
    private static final int MAX_RECORD = 16_384;
    private static final String ALERT = "Received fatal alert: ";

    private final TappedSocket tcp;
    private final SSLSocket tls;
    private final InputStream in;
    private final ReentrantLock writing = new ReentrantLock();
    private volatile @Nullable TlsEnd end;

    private RawTls(TappedSocket tcp, SSLSocket tls) throws IOException {
        this.tcp = tcp;
        this.tls = tls;
        this.in = tls.getInputStream();
    }

    /// A connection to "localhost" with these application protocols, which may be none. Reads give
    /// up after ten seconds.
    public static RawTls connect(InetSocketAddress address, TlsMaterial material, List<String> alpn)
            throws IOException {
        var tcp = new TappedSocket();
        try {
            tcp.setTcpNoDelay(true);
            tcp.connect(address, LIMIT_SECONDS * 1000);
            tcp.setSoTimeout(LIMIT_SECONDS * 1000);
            var tls =
                    (SSLSocket)
                            TlsContexts.of(material)
                                    .getSocketFactory()
                                    .createSocket(tcp, "localhost", address.getPort(), true);
            var parameters = tls.getSSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.3"});
            parameters.setApplicationProtocols(alpn.toArray(String[]::new));
            parameters.setServerNames(List.of(new SNIHostName("localhost")));
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            tcp.endHandshake();
            return new RawTls(tcp, tls);
        } catch (IOException failure) {
            tcp.close();
            throw failure;
        }
    }

    /// Takes a connection of `listener` as the server, with these application protocols.
    static RawTls accept(Listener listener, TlsMaterial material, List<String> alpn)
            throws IOException {
        var tcp = listener.acceptTapped();
        try {
            tcp.setTcpNoDelay(true);
            tcp.setSoTimeout(LIMIT_SECONDS * 1000);
            var tls =
                    (SSLSocket)
                            TlsContexts.of(material)
                                    .getSocketFactory()
                                    .createSocket(tcp, "localhost", tcp.getPort(), true);
            tls.setUseClientMode(false);
            var parameters = tls.getSSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.3"});
            parameters.setApplicationProtocols(alpn.toArray(String[]::new));
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            tcp.endHandshake();
            return new RawTls(tcp, tls);
        } catch (IOException failure) {
            tcp.close();
            throw failure;
        }
    }

    /// A TCP port on loopback that [#accept] takes connections of.
    static final class Listener extends ServerSocket {
        Listener() throws IOException {
            super(0, 10, InetAddress.getLoopbackAddress());
        }

        private TappedSocket acceptTapped() throws IOException {
            var tcp = new TappedSocket();
            implAccept(tcp);
            return tcp;
        }
    }

    /// The exporter of the JDK, whose contexts have at most 255 bytes.
    public KeyExporter exporter() {
        return (label, context, length) -> {
            try {
                return Optional.of(
                        ((ExtendedSSLSession) tls.getSession())
                                .exportKeyingMaterialData(label, context, length));
            } catch (SSLKeyException failure) {
                throw new IllegalStateException(failure);
            }
        };
    }

    /// The application protocol the peer chose; empty if none.
    public String alpn() {
        return tls.getApplicationProtocol();
    }

    public InetSocketAddress localAddress() {
        return (InetSocketAddress) tcp.getLocalSocketAddress();
    }

    /// From now on reads wait for as long as it takes.
    void waitWithoutLimit() throws IOException {
        tcp.setSoTimeout(0);
    }

    /// Sends all of the bytes in one go; a peer that does not read them within ten seconds has the
    /// connection closed.
    public void send(byte[] bytes) throws IOException {
        limited(
                LIMIT_SECONDS,
                () -> {
                    tls.getOutputStream().write(bytes);
                    tls.getOutputStream().flush();
                });
    }

    /// Sends bytes below TLS, where only records belong.
    public void sendBelow(byte[] bytes) throws IOException {
        limited(LIMIT_SECONDS, () -> tcp.getOutputStream().write(bytes));
    }

    /// Exactly so many bytes, or fewer at the end.
    public byte[] read(int count) throws IOException {
        var bytes = new byte[count];
        int have = 0;
        while (have < count) {
            int more = readSome(bytes, have);
            if (more < 0) {
                return Arrays.copyOf(bytes, have);
            }
            have += more;
        }
        return bytes;
    }

    /// What comes next, or nothing at the end.
    public byte[] readSome() throws IOException {
        var bytes = new byte[MAX_RECORD];
        return Arrays.copyOf(bytes, Math.max(0, readSome(bytes, 0)));
    }

    private int readSome(byte[] bytes, int from) throws IOException {
        if (end != null) {
            return -1;
        }
        try {
            int more = in.read(bytes, from, bytes.length - from);
            if (more < 0) {
                // The JDK takes both for an end.
                end = tcp.sawFin ? new TlsEnd.Truncated() : new TlsEnd.CloseNotify();
            }
            return more;
        } catch (SocketTimeoutException late) {
            throw late;
        } catch (IOException broken) {
            end = endOf(broken);
            return -1;
        }
    }

    private static TlsEnd endOf(IOException broken) {
        var message = String.valueOf(broken.getMessage());
        int alert = message.indexOf(ALERT);
        if (broken instanceof SSLException && alert >= 0) {
            return new TlsEnd.Alert(message.substring(alert + ALERT.length()));
        }
        var cause = broken instanceof SSLException ? broken.getCause() : broken;
        if (cause instanceof SocketException
                && String.valueOf(cause.getMessage()).contains("reset")) {
            return new TlsEnd.Reset();
        }
        return new TlsEnd.Broken(message);
    }

    /// How the connection ended, once a read came to its end; null before.
    public @Nullable TlsEnd end() {
        return end;
    }

    /// Ends our side cleanly: close_notify and FIN. The peer's side can still be read.
    public void finish() throws IOException {
        limited(
                LIMIT_SECONDS,
                () -> {
                    tls.shutdownOutput();
                    if (!tcp.isOutputShutdown()) {
                        tcp.shutdownOutput();
                    }
                });
    }

    /// Ends our side with FIN alone, as if the rest were cut off.
    public void truncate() throws IOException {
        tcp.shutdownOutput();
    }

    /// RST. What was sent but not taken by the peer's TCP is lost.
    public void reset() throws IOException {
        tcp.setSoLinger(true, 0);
        tcp.close();
    }

    private interface Sending {
        void run() throws IOException;
    }

    private void limited(int seconds, Sending sending) throws IOException {
        var done = new CompletableFuture<Boolean>().orTimeout(seconds, TimeUnit.SECONDS);
        done.whenComplete((_, late) -> {
            if (late != null) {
                tcp.abandon();
            }
        });
        writing.lock();
        try {
            sending.run();
        } catch (IOException failure) {
            throw done.isDone()
                    ? new IOException("not read within " + seconds + " s", failure)
                    : failure;
        } finally {
            writing.unlock();
            done.complete(true);
        }
    }

    /// close_notify and FIN; a peer that does not read gets FIN alone.
    @Override
    public void close() {
        try {
            limited(CLOSE_SECONDS, tls::close);
        } catch (IOException _) {
            // The peer was quicker.
        }
        tcp.abandon();
    }

    /// Notes FIN, which TLS would hide, and sends each flight of the handshake in one go: a peer
    /// that refuses the first record of one would otherwise break the writing of the next, and its
    /// alert would be lost.
    private static final class TappedSocket extends Socket {
        private final ByteArrayOutputStream flight = new ByteArrayOutputStream();
        private volatile boolean handshaking = true;
        volatile boolean sawFin;

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read() throws IOException {
                    sendFlight();
                    return noted(super.read());
                }

                @Override
                public int read(byte[] bytes, int from, int count) throws IOException {
                    sendFlight();
                    return noted(super.read(bytes, from, count));
                }
            };
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            var out = super.getOutputStream();
            return new OutputStream() {
                @Override
                public void write(int octet) throws IOException {
                    write(new byte[] {(byte) octet}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int from, int count) throws IOException {
                    if (handshaking) {
                        flight.write(bytes, from, count);
                    } else {
                        out.write(bytes, from, count);
                    }
                }
            };
        }

        private int noted(int result) {
            if (result < 0) {
                sawFin = true;
            }
            return result;
        }

        private void sendFlight() throws IOException {
            if (handshaking && flight.size() > 0) {
                super.getOutputStream().write(flight.toByteArray());
                flight.reset();
            }
        }

        void endHandshake() throws IOException {
            sendFlight();
            handshaking = false;
        }

        void abandon() {
            try {
                close();
            } catch (IOException _) {
                // As good as closed.
            }
        }
    }
}
