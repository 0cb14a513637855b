package org.masquerelay.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.masquerelay.wire.HostPort;

/// Opens QUIC connections, each on a UDP socket of its own that is connected to the peer, so that
/// the kernel tells when nobody listens there.
public final class QuicDialer {
    private static final int CONNECTION_ID_LENGTH = 8;

    private final QuicTls contexts;
    private final ConnectionSettings settings;

    public QuicDialer(Supplier<TlsMaterial> tls, ConnectionSettings settings) {
        this(tls, settings, KeyExport.OFF);
    }

    public QuicDialer(Supplier<TlsMaterial> tls, ConnectionSettings settings, KeyExport export) {
        this.contexts = QuicTls.client(tls, export);
        this.settings = settings;
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
        var codec =
                QuicSockets.limits(Http3.newQuicClientCodecBuilder(), settings)
                        .localConnectionIdLength(CONNECTION_ID_LENGTH)
                        .sslEngineProvider(quic ->
                                contexts.context()
                                        .newEngine(
                                                quic.alloc(), authority.host(), authority.port()))
                        .build();
        ChannelFuture connected =
                QuicSockets.udp(loop)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel socket) {
                                        socket.pipeline()
                                                .addLast(codec)
                                                .addLast(new Unreachable(unreachable));
                                    }
                                })
                        .connect(address);
        connected.addListener(done -> {
            if (done.isSuccess()) {
                handshake(connected.channel(), address, handler, promise);
            } else {
                promise.tryFailure(done.cause());
            }
        });
        return promise;
    }

    private void handshake(
            Channel socket,
            InetSocketAddress address,
            ChannelHandler handler,
            Promise<QuicChannel> promise) {
        var handshake =
                QuicChannel.newBootstrap(socket)
                        .handler(handler)
                        .option(QuicSockets.segmentation(), QuicSockets.segments())
                        .option(ChannelOption.RECVBUF_ALLOCATOR, QuicSockets.datagramsPerRead())
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
