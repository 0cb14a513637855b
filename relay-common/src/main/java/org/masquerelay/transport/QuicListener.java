package org.masquerelay.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.quic.QuicCodecDispatcher;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.handler.ssl.ClientAuth;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/// A UDP port that accepts QUIC connections: one socket per event loop, shared through
/// SO_REUSEPORT.
///
/// The first bytes of a connection ID name the loop that owns the connection, so that packets the
/// kernel hands to another socket, after a client's address has changed, still reach it.
public final class QuicListener implements AutoCloseable {
    /// Bytes of our connection IDs. Each is carried in every packet; two of them name the loop.
    private static final int CONNECTION_ID_LENGTH = 10;

    private final List<Channel> sockets;

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
            Supplier<TlsMaterial> tls,
            ClientAuth clientAuth,
            ConnectionSettings settings,
            Function<EventLoop, ChannelHandler> connections)
            throws IOException {
        var contexts = QuicTls.server(tls, clientAuth);
        contexts.context(); // Unusable material ends the start, not the first connection.
        var sockets = new ArrayList<Channel>();
        var dispatcher =
                new QuicCodecDispatcher(CONNECTION_ID_LENGTH) {
                    @Override
                    protected void initChannel(
                            Channel socket, int idLength, QuicConnectionIdGenerator ids) {
                        socket.pipeline()
                                .addLast(
                                        codec(
                                                socket.eventLoop(),
                                                contexts,
                                                settings,
                                                connections,
                                                idLength,
                                                ids));
                    }
                };
        var bound = address;
        try {
            for (var loop : loops.all()) {
                var bootstrap = QuicSockets.udp(loop);
                if (loops.all().size() == 1) {
                    bootstrap.handler(
                            codec(
                                    loop,
                                    contexts,
                                    settings,
                                    connections,
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

    private static ChannelHandler codec(
            EventLoop loop,
            QuicTls contexts,
            ConnectionSettings settings,
            Function<EventLoop, ChannelHandler> connections,
            int idLength,
            QuicConnectionIdGenerator ids) {
        return QuicSockets.limits(Http3.newQuicServerCodecBuilder(), settings)
                .sslEngineProvider(quic -> contexts.context().newEngine(quic.alloc()))
                .localConnectionIdLength(idLength)
                .connectionIdAddressGenerator(ids)
                .option(QuicSockets.segmentation(), QuicSockets.segments())
                .option(ChannelOption.RECVBUF_ALLOCATOR, QuicSockets.datagramsPerRead())
                .handler(connections.apply(loop))
                .build();
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
