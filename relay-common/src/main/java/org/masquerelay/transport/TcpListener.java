package org.masquerelay.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.masquerelay.observe.ConnectionRefusal;
import org.masquerelay.tunnel.HttpVersion;

/// A TCP port that accepts TLS connections: one socket per event loop, shared through SO_REUSEPORT,
/// each accepting into its own loop.
public final class TcpListener implements AutoCloseable {
    /// Connections that the kernel holds until a loop accepts them; it may cap this.
    private static final int BACKLOG = 1024;

    private final List<Channel> sockets;
    private final TcpAcceptor acceptor;

    /// What takes the connections of a listener. Called on the connection's loop.
    public interface Connections {
        /// Takes a connection whose TLS handshake is complete, and owns it from here. The handlers
        /// it adds before it returns see every byte; reading is automatic until it says otherwise.
        ///
        /// @param peer the client's certificate chain, leaf first; empty when it has shown none
        ///   that is taken
        void secured(SocketChannel channel, HttpVersion version, List<X509Certificate> peer);

        /// Told how long the handshake of a connection took, before it is handed over: from its
        /// acceptance until TLS is up.
        default void handshaken(HttpVersion version, long nanos) {}

        /// Told of a connection that was closed before its handshake was complete.
        void refused(ConnectionRefusal refusal);
    }

    private TcpListener(List<Channel> sockets, TcpAcceptor acceptor) {
        this.sockets = List.copyOf(sockets);
        this.acceptor = acceptor;
    }

    /// Binds `address` on every loop. With port 0 the first socket takes a free one for all; to
    /// share a number with a UDP port, that one is bound first and its port asked for here.
    ///
    /// @param addresses the limit per client address, which listeners may share
    /// @throws BindException when the address cannot be bound
    public static TcpListener bind(
            EventLoops loops,
            InetSocketAddress address,
            Supplier<TlsMaterial> tls,
            TcpListenerSettings settings,
            AddressLimits addresses,
            Connections connections)
            throws IOException {
        var contexts = Contexts.of(tls, settings);
        contexts.check(); // Unusable material ends the start, not the first connection.
        var acceptor =
                new TcpAcceptor(
                        contexts,
                        settings,
                        new ShownCertificates(tls, settings.clientAuth()),
                        addresses,
                        connections);
        boolean shared = loops.all().size() > 1;
        var sockets = new ArrayList<Channel>();
        var bound = address;
        try {
            if (shared && address.getPort() != 0) {
                checkFree(address);
            }
            for (var loop : loops.all()) {
                var future = bootstrap(loop, shared, acceptor).bind(bound).awaitUninterruptibly();
                if (!future.isSuccess()) {
                    throw bindFailure(bound, future.cause());
                }
                sockets.add(future.channel());
                bound = (InetSocketAddress) future.channel().localAddress();
            }
            return new TcpListener(sockets, acceptor);
        } catch (IOException | RuntimeException failure) {
            sockets.forEach(Channel::close);
            acceptor.close();
            throw failure;
        }
    }

    /// HTTP/1.1 gets the JDK's TLS: a tunnel there ends one direction with close_notify, on which
    /// BoringSSL's engine ends both.
    record Contexts(TcpTls h2, TcpTls h1, KeyExport keyExport) implements AutoCloseable {
        static Contexts of(Supplier<TlsMaterial> tls, TcpListenerSettings settings) {
            var server = new ServerTls(tls, settings.clientAuth(), settings.keyExport());
            return new Contexts(
                    TcpTls.server(server, settings.provider(), settings.versions()),
                    TcpTls.server(server, TlsProvider.JDK, settings.versions()),
                    settings.keyExport());
        }

        SslHandler handler(HttpVersion version, SocketChannel channel) {
            var handler = (version == HttpVersion.H1 ? h1 : h2).handler(channel.alloc());
            if (keyExport == KeyExport.ON) {
                KeyExporters.offer(channel, handler.engine());
            }
            return handler;
        }

        void check() {
            h2.check();
            h1.check();
        }

        @Override
        public void close() {
            h2.close();
            h1.close();
        }
    }

    private static ServerBootstrap bootstrap(EventLoop loop, boolean shared, TcpAcceptor acceptor) {
        var bootstrap =
                new ServerBootstrap()
                        .group(loop, loop)
                        .channel(EventLoops.serverSocketChannel())
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        acceptor.accept(channel);
                                    }
                                });
        return shared ? bootstrap.option(UnixChannelOption.SO_REUSEPORT, true) : bootstrap;
    }

    /// SO_REUSEPORT alone would share the port with another relay of the same user instead of
    /// finding it taken. A socket that is bound without it, and never listens, finds out.
    private static void checkFree(InetSocketAddress address) throws BindException {
        try (var probe = new Socket()) {
            probe.setReuseAddress(true);
            probe.bind(address);
        } catch (IOException e) {
            throw bindFailure(address, e);
        }
    }

    private static BindException bindFailure(InetSocketAddress address, Throwable cause) {
        var failure =
                new BindException(
                        "TCP "
                                + address.getHostString()
                                + ":"
                                + address.getPort()
                                + " cannot be bound: "
                                + cause.getMessage());
        failure.initCause(cause);
        return failure;
    }

    /// Where it is bound; with port 0 asked for, the port found.
    public InetSocketAddress address() {
        return (InetSocketAddress) sockets.getFirst().localAddress();
    }

    /// Open connections, those in the handshake too.
    public int connections() {
        return acceptor.connections();
    }

    /// Stops listening and closes what is still in the handshake. Connections that were handed over
    /// belong to whoever took them.
    @Override
    public void close() {
        sockets.forEach(socket -> socket.close().awaitUninterruptibly(2000));
        acceptor.close();
    }
}
