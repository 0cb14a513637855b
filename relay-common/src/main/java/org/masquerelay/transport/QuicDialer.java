package org.masquerelay.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.masquerelay.observe.PacketInterest;
import org.masquerelay.wire.HostPort;

/// Opens QUIC connections, each on a channel of its own that a [QuicPath] opens.
public final class QuicDialer {
    private static final int CONNECTION_ID_LENGTH = 8;

    private final QuicTls contexts;
    private final ConnectionSettings settings;
    private final QuicPath path;
    private final PacketInterest interest;

    /// Dials over UDP.
    public QuicDialer(Supplier<TlsMaterial> tls, ConnectionSettings settings) {
        this(tls, settings, KeyExport.OFF);
    }

    /// Dials over UDP.
    public QuicDialer(Supplier<TlsMaterial> tls, ConnectionSettings settings, KeyExport export) {
        this(tls, settings, QuicPath.UDP, export, PacketInterest.NONE);
    }

    public QuicDialer(
            Supplier<TlsMaterial> tls,
            ConnectionSettings settings,
            QuicPath path,
            KeyExport export,
            PacketInterest interest) {
        this.contexts = QuicTls.client(tls, export, interest);
        this.settings = settings;
        this.path = path;
        this.interest = interest;
    }

    /// Called when the kernel reports that the peer's port is closed; such reports can be forged.
    public interface UnreachableListener {
        void portUnreachable();
    }

    /// Dials `address`, whose certificate has to name the host of `authority`; `handler` sets the
    /// connection up. Cancelling the future gives up. On `loop`.
    public Promise<QuicChannel> dial(
            EventLoop loop,
            InetSocketAddress address,
            HostPort authority,
            ChannelHandler handler,
            UnreachableListener unreachable) {
        Promise<QuicChannel> promise = loop.newPromise();
        var id = QuicConnectionIdGenerator.randomGenerator().newId(CONNECTION_ID_LENGTH);
        var opened =
                path.open(
                        loop,
                        address,
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline().addLast(new ResetsOfPeer(id.duplicate()));
                                if (interest != PacketInterest.NONE) {
                                    channel.pipeline()
                                            .addLast(
                                                    new PacketWatch(
                                                            CONNECTION_ID_LENGTH, null, interest));
                                }
                                channel.pipeline()
                                        .addLast(codec(authority))
                                        .addLast(new Unreachable(unreachable));
                            }
                        });
        opened.addListener((Future<Channel> done) -> {
            if (done.isSuccess()) {
                var local = new QuicConnectionAddress(id.duplicate());
                handshake(done.getNow(), local, address, handler, promise);
            } else {
                promise.tryFailure(done.cause());
            }
        });
        promise.addListener(done -> {
            if (done.isCancelled()) {
                opened.cancel(false);
            }
        });
        return promise;
    }

    // Made with its channel, which frees what it holds outside of the heap.
    private ChannelHandler codec(HostPort authority) {
        return QuicSockets.limits(Http3.newQuicClientCodecBuilder(), settings)
                .maxRecvUdpPayloadSize(path.longestPacket())
                .localConnectionIdLength(CONNECTION_ID_LENGTH)
                .sslEngineProvider(quic -> {
                    var engine =
                            contexts.context()
                                    .newEngine(quic.alloc(), authority.host(), authority.port());
                    PacketWatch.prepare(quic, engine);
                    return engine;
                })
                .build();
    }

    private void handshake(
            Channel socket,
            QuicConnectionAddress local,
            InetSocketAddress address,
            ChannelHandler handler,
            Promise<QuicChannel> promise) {
        var handshake =
                QuicChannel.newBootstrap(socket)
                        .handler(handler)
                        .option(QuicSockets.segmentation(), path.segments())
                        .option(ChannelOption.RECVBUF_ALLOCATOR, QuicSockets.datagramsPerRead())
                        .localConnectionAddress(local)
                        .localAddress(socket.localAddress())
                        .remoteAddress(address)
                        .connect();
        handshake.addListener(done -> {
            if (!done.isSuccess()) {
                socket.close();
                promise.tryFailure(done.cause());
                return;
            }
            var quic = handshake.getNow();
            quic.closeFuture().addListener(_ -> socket.close());
            if (!promise.trySuccess(quic)) {
                quic.close();
            }
        });
        promise.addListener(done -> {
            if (!done.isSuccess()) {
                socket.close();
            }
        });
    }

    private static final class Unreachable extends ChannelInboundHandlerAdapter {
        private final UnreachableListener listener;

        Unreachable(UnreachableListener listener) {
            this.listener = listener;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (cause instanceof java.net.ConnectException
                    || cause instanceof java.net.PortUnreachableException) {
                listener.portUnreachable();
            }
            // Anything else the QUIC connection notices by itself: a packet is lost.
        }
    }
}
