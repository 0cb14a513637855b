package org.masquerelay.http;

import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.masquerelay.observe.ConnectionRefusal;
import org.masquerelay.observe.ConnectionTags;
import org.masquerelay.transport.AddressLimits;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.KeyExporters;
import org.masquerelay.transport.TcpListener;
import org.masquerelay.transport.TcpListenerSettings;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;

/// The side of a relay that clients connect to over TCP: HTTP/2 (RFC 8441) and HTTP/1.1, as ALPN
/// has it.
final class TcpFront implements AutoCloseable {
    /// How long closing waits for the connections.
    private static final long CLOSE_MILLIS = 500;

    private final EventLoops loops;
    private final FrontContext context;
    private final ChannelGroup connections =
            new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);
    private final TcpListener tcp;

    private TcpFront(
            EventLoops loops,
            FrontContext context,
            InetSocketAddress address,
            Supplier<TlsMaterial> tls)
            throws IOException {
        this.loops = loops;
        this.context = context;
        var settings = context.settings();
        this.tcp =
                TcpListener.bind(
                        loops,
                        address,
                        tls,
                        new TcpListenerSettings(
                                settings.tlsProvider(),
                                versions(settings),
                                settings.clientCertificates().clientAuth(),
                                settings.limits().maxConnections(),
                                settings.limits().handshakeTimeout(),
                                settings.keyExport()),
                        new AddressLimits(settings.limits().maxConnectionsPerAddress()),
                        new Connections());
    }

    /// Binds `address` on every loop and serves the versions of `context` that run over TCP.
    ///
    /// @throws IOException when the address cannot be bound
    static TcpFront open(
            EventLoops loops,
            FrontContext context,
            InetSocketAddress address,
            Supplier<TlsMaterial> tls)
            throws IOException {
        return new TcpFront(loops, context, address, tls);
    }

    private static List<HttpVersion> versions(FrontSettings settings) {
        return Stream.of(HttpVersion.H2, HttpVersion.H1)
                .filter(settings.versions()::contains)
                .toList();
    }

    private final class Connections implements TcpListener.Connections {
        @Override
        public void secured(
                SocketChannel channel, HttpVersion version, List<X509Certificate> certificates) {
            connections.add(channel);
            var peer =
                    new Peer(
                            channel.remoteAddress(),
                            certificates,
                            certificates.isEmpty() && hasShownRevoked(channel),
                            context.settings().name(),
                            version,
                            KeyExporters.of(channel));
            var endOfTurn = loops.endOfTurn(channel.eventLoop());
            if (version == HttpVersion.H2) {
                H2ServerConnection.serve(context, channel, endOfTurn, peer);
            } else {
                H1ServerConnection.serve(context, channel, endOfTurn, peer);
            }
        }

        private boolean hasShownRevoked(SocketChannel channel) {
            var tls = channel.pipeline().get(SslHandler.class);
            return tls != null && context.shown().areRevoked(tls.engine().getSession());
        }

        @Override
        public void handshaken(HttpVersion version, long nanos) {
            var tags = ConnectionTags.accepted(version, context.settings().name());
            context.listener().handshaken(tags, nanos);
        }

        @Override
        public void refused(ConnectionRefusal refusal) {
            context.listener().connectionRefused(refusal);
        }
    }

    /// Asks every client for no more requests.
    void goAway() {
        GoAway.NOW.sendTo(connections);
    }

    InetSocketAddress address() {
        return tcp.address();
    }

    @Override
    public void close() {
        tcp.close();
        GoAway.AT_ONCE.sendTo(connections);
        connections.newCloseFuture().awaitUninterruptibly(CLOSE_MILLIS);
        connections.close().awaitUninterruptibly(CLOSE_MILLIS);
    }
}
