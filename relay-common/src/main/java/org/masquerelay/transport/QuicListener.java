package org.masquerelay.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.quic.QuicCodecDispatcher;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/// A UDP port that accepts QUIC connections: one socket per event loop, shared through
/// SO_REUSEPORT.
///
/// The first bytes of a connection ID name the loop that owns the connection, so that packets the
/// kernel hands to another socket, after a client's address has changed, still reach it.
public final class QuicListener implements AutoCloseable {
    /// Bytes of our connection IDs. Each is carried in every packet; two of them name the loop.
    private static final int CONNECTION_ID_LENGTH = 10;

    private final List<Channel> sockets;

    /// What accepts the connections of a listener.
    public interface Connections {
        /// Sets up the channel of each new connection on `loop`.
        ChannelHandler handler(EventLoop loop);

        /// Whether there are so many connections, of all clients or of this one, that a client has
        /// to show first that it receives at its address. Asked for each first packet.
        boolean isCrowded(InetAddress client);
    }

    private QuicListener(List<Channel> sockets) {
        this.sockets = List.copyOf(sockets);
    }

    /// Binds `address` on every loop. `connections` gives the handler of each new connection's
    /// channel on a loop.
    ///
    /// @throws IOException when the address cannot be bound
    public static QuicListener bind(
            EventLoops loops,
            InetSocketAddress address,
            ServerTls tls,
            ConnectionSettings settings,
            Connections connections)
            throws IOException {
        var contexts = QuicTls.server(tls);
        contexts.context(); // Unusable material ends the start, not the first connection.
        var codecs = new Codecs(contexts, settings, connections);
        var sockets = new ArrayList<Channel>();
        var dispatcher =
                new QuicCodecDispatcher(CONNECTION_ID_LENGTH) {
                    @Override
                    protected void initChannel(
                            Channel socket, int idLength, QuicConnectionIdGenerator ids) {
                        socket.pipeline().addLast(codecs.codec(socket.eventLoop(), idLength, ids));
                    }
                };
        var bound = address;
        try {
            for (var loop : loops.all()) {
                var bootstrap = QuicSockets.udp(loop);
                if (loops.all().size() == 1) {
                    bootstrap.handler(
                            codecs.codec(
                                    loop,
                                    CONNECTION_ID_LENGTH,
                                    QuicConnectionIdGenerator.randomGenerator()));
                } else {
                    bootstrap.option(UnixChannelOption.SO_REUSEPORT, true).handler(dispatcher);
                }
                var future = bootstrap.bind(bound).awaitUninterruptibly();
                if (!future.isSuccess()) {
                    throw bindFailure(bound, future.cause());
                }
                sockets.add(future.channel());
                bound = (InetSocketAddress) future.channel().localAddress();
            }
            return new QuicListener(sockets);
        } catch (IOException | RuntimeException failure) {
            sockets.forEach(Channel::close);
            throw failure;
        }
    }

    private static IOException bindFailure(InetSocketAddress address, Throwable cause) {
        var failure =
                new java.net.BindException(
                        "UDP "
                                + address.getHostString()
                                + ":"
                                + address.getPort()
                                + " cannot be bound: "
                                + cause.getMessage());
        failure.initCause(cause);
        return failure;
    }

    /// Makes the QUIC codec of each socket.
    private static final class Codecs {
        private static final int SECRET_BYTES = 32;

        private final QuicTls contexts;
        private final ConnectionSettings settings;
        private final Connections connections;
        private final byte[] secret = new byte[SECRET_BYTES];

        Codecs(QuicTls contexts, ConnectionSettings settings, Connections connections) {
            this.contexts = contexts;
            this.settings = settings;
            this.connections = connections;
            new SecureRandom().nextBytes(secret);
        }

        ChannelHandler codec(EventLoop loop, int idLength, QuicConnectionIdGenerator ids) {
            return QuicSockets.limits(Http3.newQuicServerCodecBuilder(), settings)
                    .sslEngineProvider(quic -> contexts.context().newEngine(quic.alloc()))
                    .localConnectionIdLength(idLength)
                    .connectionIdAddressGenerator(ids)
                    .tokenHandler(
                            new RetryTokens(secret, connections::isCrowded, Ticker.systemTicker()))
                    .option(QuicSockets.segmentation(), QuicSockets.segments())
                    .option(ChannelOption.RECVBUF_ALLOCATOR, QuicSockets.datagramsPerRead())
                    .handler(connections.handler(loop))
                    .build();
        }
    }

    /// Where it is bound; with port 0 asked for, the port found.
    public InetSocketAddress address() {
        return (InetSocketAddress) sockets.getFirst().localAddress();
    }

    /// Closes the sockets and with them every connection.
    @Override
    public void close() {
        sockets.forEach(socket -> socket.close().awaitUninterruptibly(2000));
    }
}
