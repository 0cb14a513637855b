package org.masquerelay.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.masquerelay.observe.PacketInterest;
import org.masquerelay.observe.StrayAnswer;

/// A UDP port that accepts QUIC connections: one socket per event loop, shared through
/// SO_REUSEPORT.
///
/// The first bytes of a connection ID name the loop that owns the connection, so that packets the
/// kernel hands to another socket, after a client's address has changed, still reach it.
public final class QuicListener implements AutoCloseable {
    private final List<Channel> sockets;

    /// What accepts the connections of a listener.
    public interface Connections {
        /// Sets up the channel of each new connection on `loop`.
        ChannelHandler handler(EventLoop loop);

        /// Whether there are so many connections, of all clients or of this one, that a client has
        /// to show first that it receives at its address. Asked for each first packet.
        boolean isCrowded(InetAddress client);

        /// A packet that belongs to no connection was answered. Called from every loop.
        default void answered(StrayAnswer answer) {}

        /// What [PacketWatch#watch] can tell of connections. Asked for once.
        default PacketInterest packetInterest() {
            return PacketInterest.NONE;
        }
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
        return bind(loops, address, tls, settings, connections, Ticker.systemTicker());
    }

    /// @param ticker of what is bounded per second
    static QuicListener bind(
            EventLoops loops,
            InetSocketAddress address,
            ServerTls tls,
            ConnectionSettings settings,
            Connections connections,
            Ticker ticker)
            throws IOException {
        var interest = connections.packetInterest();
        var contexts = QuicTls.server(tls, interest);
        contexts.context(); // Unusable material ends the start, not the first connection.
        var codecs =
                new Codecs(contexts, tls.material().get(), settings, connections, interest, ticker);
        var sockets = new ArrayList<Channel>();
        boolean shared = loops.all().size() > 1;
        var setup = codecs.setup(shared);
        var bound = address;
        try {
            for (var loop : loops.all()) {
                var bootstrap = QuicSockets.udp(loop);
                if (shared) {
                    bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
                }
                var future = bootstrap.handler(setup).bind(bound).awaitUninterruptibly();
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

    /// Sets up each socket: the QUIC codec, and before it what answers strays.
    private static final class Codecs {
        private final QuicTls contexts;
        private final ConnectionSettings settings;
        private final Connections connections;
        private final PacketInterest interest;
        private final Ticker ticker;
        private final RetryKeys retryKeys;
        private final ResetKey resetKey;

        Codecs(
                QuicTls contexts,
                TlsMaterial tls,
                ConnectionSettings settings,
                Connections connections,
                PacketInterest interest,
                Ticker ticker) {
            checkLength(settings);
            this.contexts = contexts;
            this.settings = settings;
            this.connections = connections;
            this.interest = interest;
            this.ticker = ticker;
            var retry = settings.quic().retry();
            this.retryKeys =
                    new RetryKeys(retry.rotation(), retry.secret(), InstantSource.system());
            this.resetKey = settings.quic().resetKey().orElseGet(() -> ResetKey.of(tls.key()));
        }

        private static void checkLength(ConnectionSettings settings) {
            int length = settings.quic().connectionIdLength();
            int longest = ParameterSpace.longestConnectionId(settings);
            if (length > longest) {
                throw new IllegalArgumentException(
                        "connectionIdLength: "
                                + length
                                + " (expected: at most "
                                + longest
                                + " beside stateless resets, Retry and windows of this size)");
            }
        }

        /// @param shared whether several sockets have the port
        ChannelHandler setup(boolean shared) {
            var next = shared ? dispatcher() : single();
            return new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel socket) {
                    socket.pipeline().addLast(Runts.INSTANCE).addLast(next);
                }
            };
        }

        /// Gives each connection's packets to its loop.
        private ChannelHandler dispatcher() {
            int length = settings.quic().connectionIdLength();
            if (length < QuicSettings.MIN_SHARED_CONNECTION_ID_LENGTH) {
                throw new IllegalArgumentException(
                        "connectionIdLength: "
                                + length
                                + " (expected: 10 to 20 with several event loops)");
            }
            return new QuicCodecDispatcher(length) {
                @Override
                protected void initChannel(
                        Channel socket, int idLength, QuicConnectionIdGenerator ids) {
                    setUp(socket, idLength, ids);
                }
            };
        }

        private ChannelHandler single() {
            return new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel socket) {
                    setUp(
                            socket,
                            settings.quic().connectionIdLength(),
                            QuicConnectionIdGenerator.randomGenerator());
                }
            };
        }

        private void setUp(Channel socket, int idLength, QuicConnectionIdGenerator random) {
            var quic = settings.quic();
            // The port is known once the socket is bound, which is before any packet.
            var tokens =
                    new ResetTokens(() -> resetKey.at((InetSocketAddress) socket.localAddress()));
            var internals = new AtomicReference<CodecInternals>();
            var ids =
                    new ConnectionIds(
                            random,
                            idLength,
                            id -> {
                                var codec = internals.get();
                                if (codec != null) {
                                    codec.resetTokenOfNext(tokens.of(id));
                                }
                            });
            var codec = codec(socket.eventLoop(), ids, idLength, tokens);
            if (quic.statelessReset()) {
                internals.set(new CodecInternals(codec));
            }
            var known = internals.get();
            socket.pipeline()
                    .addLast(
                            new StrayPackets(
                                    idLength,
                                    known == null ? null : new StrayPackets.Resets(known, tokens),
                                    quic.strayAnswers(),
                                    ticker,
                                    connections::answered));
            if (interest != PacketInterest.NONE) {
                var lookup = known == null ? new CodecInternals(codec) : known;
                socket.pipeline().addLast(new PacketWatch(idLength, lookup, interest));
            }
            socket.pipeline().addLast(codec);
        }

        private ChannelHandler codec(
                EventLoop loop, ConnectionIds ids, int idLength, ResetTokens resetTokens) {
            var retry = settings.quic().retry();
            return QuicSockets.limits(Http3.newQuicServerCodecBuilder(), settings)
                    .sslEngineProvider(quic -> contexts.context().newEngine(quic.alloc()))
                    .localConnectionIdLength(idLength)
                    .connectionIdAddressGenerator(ids)
                    .resetTokenGenerator(resetTokens)
                    .tokenHandler(
                            new RetryTokens(
                                    retry.when(),
                                    retry.tokenLifetime(),
                                    retryKeys,
                                    ids,
                                    connections::isCrowded,
                                    new RetryTokens.Clocks(InstantSource.system(), ticker)))
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
