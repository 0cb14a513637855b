package org.masquerelay.cli.bench;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.http.NextHop;
import org.masquerelay.http.RelayConnection;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.http.RelayDialer;
import org.masquerelay.http.TunnelAnswer;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.UriTemplate;

/// A relay over one HTTP version, driven on the event loop itself: no thread is handed anything for
/// each datagram. All tunnels share a connection, but for HTTP/1.1, where each has its own.
final class RelayedRoute implements Route {
    private final EventLoop loop;
    private final RelayDialer dialer;
    private final NextHop hop;
    private final HttpVersion version;
    private final Payment payment;
    private final List<RelayConnection> connections = new ArrayList<>();

    /// Takes over `payment`.
    RelayedRoute(
            EventLoops loops,
            HostPort relay,
            TlsMaterial tls,
            HttpVersion version,
            Payment payment) {
        this.loop = loops.all().getFirst();
        this.dialer =
                new RelayDialer(
                        new RelayDialer.Parts(
                                loops,
                                () -> tls,
                                ConnectionSettings.STANDARD,
                                CapsulePolicy.STANDARD,
                                TunnelListener.SILENT));
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.port());
        this.hop = NextHop.of(address, relay, UriTemplate.UDP);
        this.version = version;
        this.payment = payment;
    }

    /// Called by one thread.
    @Override
    public TunnelStream open(TunnelKind kind, int port) throws IOException {
        return open(kind, port, payment.next());
    }

    /// Opens a tunnel that is paid for already.
    TunnelStream open(TunnelKind kind, int port, HeaderFields fields) throws IOException {
        var connection =
                connections.isEmpty() || version == HttpVersion.H1
                        ? dial()
                        : connections.getFirst();
        var answer = new Answer();
        loop.execute(() -> connection.open(kind, target(port), fields, answer));
        return Futures.await(answer.opened, TIMEOUT);
    }

    /// Asks for a tunnel on the first connection, which has been dialled before. Called on the
    /// event loop.
    void ask(TunnelKind kind, int port, HeaderFields fields, TunnelAnswer answer) {
        connections.getFirst().open(kind, target(port), fields, answer);
    }

    private static Optional<HostPort> target(int port) {
        return Optional.of(new HostPort("127.0.0.1", port));
    }

    /// Called by one thread, the one that opens.
    RelayConnection dial() throws IOException {
        var watch = new Watch();
        loop.execute(() ->
                watch.connection = dialer.dial(version, loop, hop, TIMEOUT.toMillis(), watch));
        var connection = Futures.await(watch.up, TIMEOUT.plusSeconds(1));
        connections.add(connection);
        return connection;
    }

    @Override
    public void close() {
        loop.submit(() -> connections.forEach(RelayConnection::close))
                .awaitUninterruptibly(TIMEOUT.toMillis());
        dialer.close();
        payment.close();
    }

    /// Waits for the connection to be up.
    private static final class Watch implements RelayConnection.Observer {
        private final CompletableFuture<RelayConnection> up = new CompletableFuture<>();
        private @Nullable RelayConnection connection;

        @Override
        public void up() {
            up.complete(connection);
        }

        @Override
        public void goingAway() {}

        @Override
        public void closed(Failure failure) {
            up.completeExceptionally(new IOException("the relay cannot be reached: " + failure));
        }
    }

    private static final class Answer implements TunnelAnswer {
        private final CompletableFuture<TunnelStream> opened = new CompletableFuture<>();

        @Override
        public void opened(TunnelStream tunnel, HeaderFields fields) {
            opened.complete(tunnel);
        }

        @Override
        public void refused(int status, HeaderFields fields) {
            opened.completeExceptionally(new IOException("the relay answered " + status));
        }

        @Override
        public void failed(Failure failure) {
            opened.completeExceptionally(new IOException("no answer to a tunnel: " + failure));
        }
    }
}
