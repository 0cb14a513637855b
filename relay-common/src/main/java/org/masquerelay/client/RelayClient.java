package org.masquerelay.client;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.http.NextHop;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.http.Race;
import org.masquerelay.http.RelayDialer;
import org.masquerelay.http.RequestCredentials;
import org.masquerelay.http.Transports;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.QuicPath;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.transport.TunnelPath;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// A relay as its client sees it: one connection that all tunnels share, over the HTTP version that
/// got through first. It is dialled again when it is lost.
///
/// Safe for use by several threads, which block; one thread does its input and output.
public final class RelayClient implements AutoCloseable {
    /// Stands for the address of a relay that another one resolves; it is not sent anywhere.
    private static final InetSocketAddress WITHIN =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 443);

    private static final Duration TUNNELS_END_WITHIN = Duration.ofSeconds(1);

    private final Settings settings;
    private final EventLoops loops;
    private final EventLoop loop;
    private final RelayDialer dialer;
    private final Connections connections;
    private final Runnable release;

    /// How to reach the relay.
    ///
    /// @param serverName the name its certificate has to carry
    /// @param timeout for the connection, and for each answer
    /// @param transports the HTTP versions to try
    /// @param credentials what the relay is shown with each request, besides its fields
    public record Settings(
            HostPort relay,
            String serverName,
            TlsMaterial tls,
            UriTemplate udpTemplate,
            Duration timeout,
            Transports transports,
            RequestCredentials credentials) {
        /// Shows the relay nothing but the fields of each request.
        public Settings(
                HostPort relay,
                String serverName,
                TlsMaterial tls,
                UriTemplate udpTemplate,
                Duration timeout,
                Transports transports) {
            this(relay, serverName, tls, udpTemplate, timeout, transports, RequestCredentials.NONE);
        }

        /// Over HTTP/3 alone.
        public Settings(
                HostPort relay,
                String serverName,
                TlsMaterial tls,
                UriTemplate udpTemplate,
                Duration timeout) {
            this(relay, serverName, tls, udpTemplate, timeout, Transports.H3);
        }

        public Settings with(Transports other) {
            return new Settings(relay, serverName, tls, udpTemplate, timeout, other, credentials);
        }

        public Settings with(RequestCredentials other) {
            return new Settings(relay, serverName, tls, udpTemplate, timeout, transports, other);
        }
    }

    private RelayClient(
            Settings settings,
            EventLoops loops,
            RelayDialer dialer,
            InetSocketAddress address,
            Runnable release) {
        this.release = release;
        this.settings = settings;
        this.loops = loops;
        this.loop = loops.all().getFirst();
        this.dialer = dialer;
        this.connections =
                new Connections(
                        loop,
                        dialer,
                        NextHop.of(
                                        address,
                                        new HostPort(
                                                settings.serverName(), settings.relay().port()),
                                        settings.udpTemplate())
                                .with(settings.credentials()),
                        settings.timeout(),
                        settings.transports());
    }

    private static RelayDialer.Parts parts(
            Settings settings, EventLoops loops, ConnectionSettings connection) {
        return new RelayDialer.Parts(
                loops, settings::tls, connection, CapsulePolicy.STANDARD, TunnelListener.SILENT);
    }

    /// Dials the relay and waits until requests can be sent.
    ///
    /// @throws IOException when there is no such host, nobody listens, or the certificate is not to
    ///   be trusted
    public static RelayClient connect(Settings settings) throws IOException {
        var address =
                new InetSocketAddress(resolve(settings.relay().host()), settings.relay().port());
        var loops = EventLoops.start(1);
        var parts = parts(settings, loops, ConnectionSettings.STANDARD);
        var dialer = new RelayDialer(parts, QuicPath.UDP, settings.credentials().keyExport());
        return new RelayClient(settings, loops, dialer, address, loops::close).connected();
    }

    /// Dials another relay over HTTP/3 within UDP tunnels of `outer`, which sees that relay's
    /// address and nothing of what is asked of it. The transports of `settings` do not count.
    ///
    /// The client lives on the event loop of `outer` and is of no use after it; whoever closes both
    /// closes this one first.
    ///
    /// @param passages opens UDP tunnels of `outer` to the relay
    public static RelayClient connectInside(RelayClient outer, Settings settings, Passages passages)
            throws IOException {
        var path = new TunnelPath(outer.loops, loop -> Passages.open(passages, loop));
        var connection = ConnectionSettings.STANDARD.withMaxUdpPayload(path.longestPacket());
        var parts = parts(settings, outer.loops, connection);
        var dialer = new RelayDialer(parts, path, settings.credentials().keyExport());
        var inner = settings.with(Transports.H3);
        Runnable release = () -> path.awaitEnd(TUNNELS_END_WITHIN);
        return new RelayClient(inner, outer.loops, dialer, WITHIN, release).connected();
    }

    private RelayClient connected() throws IOException {
        try {
            var up = new CompletableFuture<HttpVersion>();
            loop.execute(() -> connections.connect(up));
            // The connection has its own timer; this one is only there should it not fire.
            await(up, raceTime());
            return this;
        } catch (IOException | RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private Duration raceTime() {
        return settings.timeout().plus(settings.transports().lastDelay()).plusSeconds(1);
    }

    private static InetAddress resolve(String host) throws IOException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException unknown) {
            throw new IOException("no address for the relay " + host, unknown);
        }
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

    /// Opens a UDP tunnel to another relay for [#connectInside]; `fields` carry the token.
    ///
    /// @throws TunnelRefusedException with the answer, when it is not 2xx
    public Passage openPassage(HostPort relay, HeaderFields fields) throws IOException {
        return open(TunnelKind.UDP, relay, fields, stream -> new Passage(loop, stream));
    }

    private <T> T open(
            TunnelKind kind, HostPort target, HeaderFields fields, Function<TunnelStream, T> wrap)
            throws IOException {
        checkSendable(fields);
        settings.credentials().refresh();
        var opened = new CompletableFuture<T>();
        loop.execute(() -> {
            var giveUp =
                    connections.open(
                            new Connections.Order(kind, target, fields),
                            new Race.Finish<TunnelStream, IOException>() {
                                @Override
                                public void won(TunnelStream tunnel) {
                                    if (opened.isDone() || !opened.complete(wrap.apply(tunnel))) {
                                        tunnel.reset(ResetCause.CANCELLED); // Nobody waits now.
                                    }
                                }

                                @Override
                                public void lost(IOException failure) {
                                    opened.completeExceptionally(failure);
                                }
                            });
            opened.whenComplete((_, _) -> {
                if (opened.isCancelled()) {
                    loop.execute(giveUp);
                }
            });
        });
        return await(opened, raceTime());
    }

    /// Sends an ordinary request to the relay's origin, such as a token request.
    public PlainResponse request(String method, String path, HeaderFields fields, byte[] body)
            throws IOException {
        checkSendable(fields);
        settings.credentials().refresh();
        var answered = new CompletableFuture<PlainResponse>();
        loop.execute(() ->
                connections.request(
                        new PlainRequest(method, path, fields, ByteBuffer.wrap(body)), answered));
        return await(answered, raceTime());
    }

    /// The HTTP version of the connection, once there is one.
    public Optional<HttpVersion> version() throws IOException {
        var version = new CompletableFuture<Optional<HttpVersion>>();
        loop.execute(() -> version.complete(connections.version()));
        return await(version, settings.timeout());
    }

    /// What could end a line is not sent on any HTTP version (RFC 9110, section 5.5).
    private static void checkSendable(HeaderFields fields) throws IOException {
        for (var line : fields) {
            if (line.value().chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
                throw new IOException(
                        "the field " + line.name() + " has a line break in its value");
            }
        }
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
        loop.submit(connections::close).awaitUninterruptibly(1000);
        dialer.close();
        release.run();
    }
}
