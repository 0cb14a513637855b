package org.masquerelay.client;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.masquerelay.http.H3ClientConnection;
import org.masquerelay.http.H3ClientConnection.Failure;
import org.masquerelay.http.PlainAnswer;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.http.TunnelAnswer;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.QuicDialer;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// One HTTP/3 connection to a relay. Safe for use by several threads, which block; it owns the one
/// thread that does its input and output.
public final class RelayClient implements AutoCloseable {
    private final Settings settings;
    private final EventLoops loops;
    private final EventLoop loop;
    private final H3ClientConnection connection;

    /// How to reach the relay.
    ///
    /// @param serverName the name its certificate has to carry
    /// @param timeout for the connection, and for each answer
    public record Settings(
            HostPort relay,
            String serverName,
            TlsMaterial tls,
            UriTemplate udpTemplate,
            Duration timeout) {}

    private RelayClient(
            Settings settings, EventLoops loops, EventLoop loop, H3ClientConnection connection) {
        this.settings = settings;
        this.loops = loops;
        this.loop = loop;
        this.connection = connection;
    }

    /// Dials the relay and waits for its SETTINGS.
    ///
    /// @throws IOException when there is no such host, nobody listens, or the certificate is not to
    ///   be trusted
    public static RelayClient connect(Settings settings) throws IOException {
        var address =
                new InetSocketAddress(resolve(settings.relay().host()), settings.relay().port());
        var loops = EventLoops.start(1);
        try {
            var loop = loops.all().getFirst();
            var up = new CompletableFuture<H3ClientConnection>();
            loop.execute(() -> dial(settings, loops, loop, address, up));
            // The connection has its own timer; this one is only there should it not fire.
            var connection = await(up, settings.timeout().plusSeconds(1));
            return new RelayClient(settings, loops, loop, connection);
        } catch (IOException | RuntimeException failure) {
            loops.close();
            throw failure;
        }
    }

    private static InetAddress resolve(String host) throws IOException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException unknown) {
            throw new IOException("no address for the relay " + host, unknown);
        }
    }

    private static void dial(
            Settings settings,
            EventLoops loops,
            EventLoop loop,
            InetSocketAddress address,
            CompletableFuture<H3ClientConnection> up) {
        var connectionSettings = ConnectionSettings.STANDARD;
        var dialer = new QuicDialer(settings::tls, connectionSettings);
        var target =
                new H3ClientConnection.Target(
                        address,
                        new HostPort(settings.serverName(), settings.relay().port()),
                        settings.udpTemplate());
        var observer = new Observer(up);
        observer.connection =
                H3ClientConnection.dial(
                        new H3ClientConnection.Dial(
                                loops, dialer, connectionSettings, TunnelListener.SILENT),
                        loop,
                        target,
                        settings.timeout().toMillis(),
                        observer);
    }

    /// Completes the dialling thread's future.
    private static final class Observer implements H3ClientConnection.Observer {
        private final CompletableFuture<H3ClientConnection> up;
        private @org.jspecify.annotations.Nullable H3ClientConnection connection;

        Observer(CompletableFuture<H3ClientConnection> up) {
            this.up = up;
        }

        @Override
        public void up() {
            up.complete(connection);
        }

        @Override
        public void goingAway() {}

        @Override
        public void closed(Failure failure) {
            up.completeExceptionally(new IOException(sentence(failure)));
        }
    }

    private static String sentence(Failure failure) {
        return switch (failure) {
            case UNREACHABLE -> "nobody listens at the relay's address";
            case TIMEOUT -> "the relay did not answer in time";
            case TLS ->
                    "the TLS handshake with the relay failed: is its certificate signed by a trusted CA?";
            case PROTOCOL -> "the relay does not speak HTTP/3 with extended CONNECT";
            case TERMINATED -> "the relay closed the connection";
            case RESET -> "the relay broke the request off";
            case NO_STREAM -> "the connection to the relay takes no more requests";
        };
    }

    /// Opens a TCP tunnel; `fields` carry the token.
    ///
    /// @throws TunnelRefusedException with the answer, when it is not 2xx
    public TcpTunnel openTcp(HostPort target, HeaderFields fields) throws IOException {
        return open(TunnelKind.TCP, target, fields, stream -> new BlockingTcpTunnel(loop, stream));
    }

    /// Opens a UDP tunnel; `fields` carry the token.
    ///
    /// @throws TunnelRefusedException with the answer, when it is not 2xx
    public UdpTunnel openUdp(HostPort target, HeaderFields fields) throws IOException {
        return open(TunnelKind.UDP, target, fields, stream -> new BlockingUdpTunnel(loop, stream));
    }

    private <T> T open(
            TunnelKind kind,
            HostPort target,
            HeaderFields fields,
            java.util.function.Function<TunnelStream, T> wrap)
            throws IOException {
        var opened = new CompletableFuture<T>();
        loop.execute(() ->
                connection.open(
                        kind,
                        target,
                        fields,
                        new TunnelAnswer() {
                            @Override
                            public void opened(TunnelStream tunnel, HeaderFields answer) {
                                if (opened.isDone() || !opened.complete(wrap.apply(tunnel))) {
                                    tunnel.reset(ResetCause.CANCELLED); // Nobody waits any more.
                                }
                            }

                            @Override
                            public void refused(int status, HeaderFields answer) {
                                opened.completeExceptionally(
                                        new TunnelRefusedException(status, answer));
                            }

                            @Override
                            public void failed(Failure failure) {
                                opened.completeExceptionally(new IOException(sentence(failure)));
                            }
                        }));
        return await(opened, settings.timeout());
    }

    /// Sends an ordinary request to the relay's origin, such as a token request.
    public PlainResponse request(String method, String path, HeaderFields fields, byte[] body)
            throws IOException {
        var answered = new CompletableFuture<PlainResponse>();
        loop.execute(() ->
                connection.request(
                        new PlainRequest(method, path, fields, ByteBuffer.wrap(body)),
                        new PlainAnswer() {
                            @Override
                            public void answered(PlainResponse response) {
                                answered.complete(response);
                            }

                            @Override
                            public void failed(Failure failure) {
                                answered.completeExceptionally(new IOException(sentence(failure)));
                            }
                        }));
        return await(answered, settings.timeout());
    }

    private static <T> T await(CompletableFuture<T> future, Duration timeout) throws IOException {
        try {
            return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException failure) {
            throw switch (failure.getCause()) {
                case TunnelRefusedException refused -> refused;
                case IOException io -> new IOException(io.getMessage(), io);
                case null, default -> new IOException(failure);
            };
        } catch (TimeoutException _) {
            future.cancel(false);
            throw new SocketTimeoutException("the relay did not answer in time");
        } catch (InterruptedException interrupted) {
            future.cancel(false); // What opens after all is reset.
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted");
        }
    }

    @Override
    public void close() {
        loop.submit(connection::close).awaitUninterruptibly(1000);
        loops.close();
    }
}
