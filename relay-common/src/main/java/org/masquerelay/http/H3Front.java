package org.masquerelay.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.ConnectionRefusal;
import org.masquerelay.observe.PacketInterest;
import org.masquerelay.observe.StrayAnswer;
import org.masquerelay.observe.TunnelListener.QuicRole;
import org.masquerelay.transport.AddressLimits;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.QuicListener;
import org.masquerelay.transport.QuicSampler;
import org.masquerelay.transport.ServerTls;
import org.masquerelay.transport.TlsMaterial;

/// The HTTP/3 side of a relay that clients connect to: turns CONNECT (RFC 9114, section 4.4) and
/// extended CONNECT (RFC 9220) into [TunnelExchange]s for a [TunnelService].
final class H3Front implements AutoCloseable {
    /// How long closing waits for the last packets to go out.
    private static final long CLOSE_MILLIS = 500;

    private final EventLoops loops;
    private final FrontContext context;
    private final ChannelGroup connections =
            new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);
    private final AddressLimits addresses;
    private final QuicListener quic;

    private H3Front(EventLoops loops, FrontContext context, Supplier<TlsMaterial> tls)
            throws IOException {
        this.loops = loops;
        this.context = context;
        var settings = context.settings();
        this.addresses = new AddressLimits(settings.limits().maxConnectionsPerAddress());
        var clientAuth = settings.clientCertificates().clientAuth();
        this.quic =
                QuicListener.bind(
                        loops,
                        settings.address(),
                        new ServerTls(tls, clientAuth, settings.keyExport()),
                        settings.connection(),
                        new Connections());
    }

    private final class Connections implements QuicListener.Connections {
        @Override
        public ChannelHandler handler(EventLoop loop) {
            return H3ServerConnection.initializer(H3Front.this, loop);
        }

        @Override
        public void answered(StrayAnswer answer) {
            context.listener().strayAnswered(answer);
        }

        @Override
        public PacketInterest packetInterest() {
            return context.listener().packetInterest();
        }

        @Override
        public boolean isCrowded(InetAddress client) {
            return connections.size() >= context.settings().limits().maxConnections() / 2
                    || addresses.isCrowded(client);
        }
    }

    /// Binds the listener on every loop and serves.
    ///
    /// @throws IOException when the address cannot be bound
    static H3Front open(EventLoops loops, FrontContext context, Supplier<TlsMaterial> tls)
            throws IOException {
        return new H3Front(loops, context, tls);
    }

    /// Counts a new connection in, or closes it when the listener or the client's address has as
    /// many as it may.
    boolean admitConnection(QuicChannel channel) {
        var refusal =
                channel.remoteSocketAddress() instanceof InetSocketAddress client
                        ? enter(channel, client.getAddress())
                        : ConnectionRefusal.HANDSHAKE_FAILED;
        if (refusal != null) {
            context.listener().connectionRefused(refusal);
            channel.close();
            return false;
        }
        connections.add(channel);
        var listener = context.listener();
        listener.connections(QuicRole.SERVER, 1);
        channel.closeFuture().addListener(_ -> listener.connections(QuicRole.SERVER, -1));
        return true;
    }

    private @Nullable ConnectionRefusal enter(QuicChannel channel, InetAddress client) {
        if (connections.size() >= context.settings().limits().maxConnections()) {
            return ConnectionRefusal.LISTENER_FULL;
        }
        if (!addresses.enter(client)) {
            return ConnectionRefusal.ADDRESS_FULL;
        }
        // Of the address it came from: a connection may move later.
        channel.closeFuture().addListener(_ -> addresses.leave(client));
        return null;
    }

    InetSocketAddress address() {
        return quic.address();
    }

    EndOfTurn endOfTurn(EventLoop loop) {
        return loops.endOfTurn(loop);
    }

    QuicSampler sampler(EventLoop loop) {
        return loops.sampler(loop);
    }

    FrontContext context() {
        return context;
    }

    /// Asks every client for no more requests.
    void goAway() {
        GoAway.NOW.sendTo(connections);
    }

    /// Tells every peer that its connection is over, and stops listening. Blocks for a moment.
    @Override
    public void close() {
        for (var connection : connections) {
            ((QuicChannel) connection)
                    .close(true, H3ControlStream.H3_NO_ERROR, Unpooled.EMPTY_BUFFER);
        }
        connections.newCloseFuture().awaitUninterruptibly(CLOSE_MILLIS);
        quic.close();
    }
}
