package org.masquerelay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http3.DefaultHttp3GoAwayFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicPathEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.ConnectionTags;
import org.masquerelay.observe.TunnelListener.QuicRole;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.transport.KeyExport;
import org.masquerelay.transport.KeyExporters;
import org.masquerelay.transport.PacketWatch;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.TunnelKind;

/// One HTTP/3 connection of a client: what its request streams share. Confined to its event loop.
final class H3ServerConnection extends FrontConnection {
    private final QuicChannel quic;
    private final EndOfTurn endOfTurn;
    private final H3Datagrams datagrams;
    private final ConnectionTags tags;
    private final long begun;
    private final Set<QuicStreamChannel> open = new HashSet<>();
    private @Nullable QuicConnectionCloseEvent closedByPeer;
    private long streams;
    private long newestStream = -4;
    private long firstRejected = Long.MAX_VALUE;
    private int brokenRequests;
    private @Nullable Future<?> idleTimer;

    /// After so many requests the client is asked to open a new connection: the QUIC layer keeps a
    /// little of every stream that was reset until the connection ends.
    private static final long MAX_STREAMS_PER_LIFETIME = 10_000;

    /// What may still be on its way when the client reads that.
    private static final long STREAMS_AFTER_GOAWAY = 1_000;

    /// Requests that a client breaks off or garbles before we had all of their head, over the
    /// lifetime of its connection: each leaves something behind in the QUIC layer.
    private static final int MAX_BROKEN_REQUESTS = 1_000;

    H3ServerConnection(H3Front front, QuicChannel quic, EndOfTurn endOfTurn) {
        super(front.context(), front.context().listener().trace(QuicRole.SERVER));
        this.quic = quic;
        this.endOfTurn = endOfTurn;
        var name = front().settings().name();
        this.tags = ConnectionTags.accepted(HttpVersion.H3, name);
        this.begun = quic.eventLoop().ticker().nanoTime();
        this.datagrams =
                new H3Datagrams(
                        endOfTurn,
                        front().settings().connection().maxStreams(),
                        front().listener()
                                .losses(new TunnelTags(TunnelKind.UDP, HttpVersion.H3, name)));
        quic.pipeline()
                .addLast(
                        new Http3ServerConnectionHandler(
                                new Streams(),
                                new H3ControlStream(
                                        settings -> datagrams.peerSettings(settings.datagrams())),
                                null,
                                H3ControlStream.localSettings(
                                        front().settings().limits().maxFieldSection()),
                                true))
                .addLast(QuietStreams.INSTANCE)
                .addLast(datagrams)
                .addLast(new Watch());
        PacketWatch.watch(quic, trace());
        quic.closeFuture().addListener(_ -> trace().closed(QuicEnd.of(quic, closedByPeer)));
    }

    private final class Streams extends ChannelInitializer<QuicStreamChannel> {
        @Override
        protected void initChannel(QuicStreamChannel stream) {
            stream.config().setAutoRead(false);
            datagrams.seen(stream.streamId());
            opened(stream);
            stream.closeFuture().addListener(_ -> closed(stream));
            stream.pipeline()
                    .addLast(
                            stream.streamId() < firstRejected
                                    ? new H3ServerStream(H3ServerConnection.this, stream)
                                    : new Rejection());
            newestStream = Math.max(newestStream, stream.streamId());
            if (++streams == MAX_STREAMS_PER_LIFETIME) {
                goAway();
            } else if (streams > MAX_STREAMS_PER_LIFETIME + STREAMS_AFTER_GOAWAY) {
                excessiveLoad();
            }
        }
    }

    private void opened(QuicStreamChannel stream) {
        open.add(stream);
        stopIdleTimer();
    }

    private void closed(QuicStreamChannel stream) {
        open.remove(stream);
        if (open.isEmpty()) {
            startIdleTimer();
        }
    }

    /// The client has closed the connection. What it sent before, and a stream had not read because
    /// the other side of its tunnel was slow, would be gone with the connection in a moment.
    private void readTheRest() {
        List.copyOf(open).forEach(stream -> stream.config().setAutoRead(true));
    }

    /// Packets keep a connection of QUIC alive; requests are what it is for.
    private void startIdleTimer() {
        if (quic.isActive() && open.isEmpty() && idleTimer == null) {
            idleTimer =
                    quic.eventLoop()
                            .schedule(
                                    this::closeIdle,
                                    front().settings().limits().quicIdleTimeout().toMillis(),
                                    TimeUnit.MILLISECONDS);
        }
    }

    private void stopIdleTimer() {
        if (idleTimer != null) {
            idleTimer.cancel(false);
            idleTimer = null;
        }
    }

    private void closeIdle() {
        goAway();
        quic.close(true, H3ControlStream.H3_NO_ERROR, quic.alloc().buffer(0));
    }

    /// Answers a request that came after GOAWAY: nothing was done, another connection may take it.
    private static final class Rejection extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ((QuicStreamChannel) ctx.channel())
                    .shutdown(H3ControlStream.H3_REQUEST_REJECTED, ctx.newPromise());
            ctx.close();
        }
    }

    /// Sets up the channels of new connections on `loop`.
    static ChannelInitializer<QuicChannel> initializer(H3Front front, EventLoop loop) {
        var endOfTurn = front.endOfTurn(loop);
        var sampler = front.sampler(loop);
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(QuicChannel quic) {
                if (!front.admitConnection(quic)) {
                    return;
                }
                var connection = new H3ServerConnection(front, quic, endOfTurn);
                sampler.watch(quic, connection.tags, front.context().listener());
            }
        };
    }

    /// Watches the connection itself.
    private final class Watch extends ChannelInboundHandlerAdapter {
        private @Nullable InetSocketAddress reusedFrom;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            var settings = front().settings();
            var engine = quic.sslEngine();
            var shown = front().shown();
            var session = engine == null ? null : engine.getSession();
            var certificates = shown.taken(session);
            if (!shown.suffices(certificates)) {
                // The TLS layer insists already; this holds even if a resumed session let it
                // through.
                quic.close(true, H3ControlStream.H3_REQUEST_REJECTED, quic.alloc().buffer(0));
                return;
            }
            connected(
                    new Peer(
                            remoteAddress(),
                            certificates,
                            certificates.isEmpty() && shown.areRevoked(session),
                            settings.name(),
                            HttpVersion.H3,
                            settings.keyExport() == KeyExport.ON
                                    ? KeyExporters.of(quic)
                                    : Optional.empty()));
            trace().established();
            listener().handshaken(tags, quic.eventLoop().ticker().nanoTime() - begun);
            startIdleTimer();
            ctx.fireChannelActive();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            stopIdleTimer();
            ctx.fireChannelInactive();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == GoAway.NOW) {
                goAway();
            } else if (event instanceof QuicPathEvent path) {
                pathChanged(path);
            } else if (event instanceof QuicConnectionCloseEvent close) {
                closedByPeer = close;
                readTheRest();
            }
            ctx.fireUserEventTriggered(event);
        }

        private void pathChanged(QuicPathEvent event) {
            if (event instanceof QuicPathEvent.ReusedSourceConnectionId) {
                reusedFrom = event.remote();
            } else if (event instanceof QuicPathEvent.PeerMigrated) {
                boolean fresh = !event.remote().equals(reusedFrom);
                front().listener().migrated(fresh);
                trace().migrated(fresh);
                reusedFrom = null;
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // A broken packet or a failed handshake; QUIC closes the connection by itself where it
            // has to.
        }
    }

    private InetSocketAddress remoteAddress() {
        return quic.remoteSocketAddress() instanceof InetSocketAddress address
                ? address
                : new InetSocketAddress(0);
    }

    /// Asks the client to open no more streams here; those open go on (RFC 9114, section 5.2).
    @Override
    void goAway() {
        var control = Http3.getLocalControlStream(quic);
        if (control != null && firstRejected == Long.MAX_VALUE) {
            firstRejected = newestStream + 4;
            control.writeAndFlush(new DefaultHttp3GoAwayFrame(firstRejected));
        }
    }

    @Override
    void brokenRequest() {
        if (++brokenRequests > MAX_BROKEN_REQUESTS) {
            excessiveLoad();
        }
    }

    private void excessiveLoad() {
        quic.close(true, H3ControlStream.H3_EXCESSIVE_LOAD, quic.alloc().buffer(0));
    }

    H3Datagrams datagrams() {
        return datagrams;
    }

    EndOfTurn endOfTurn() {
        return endOfTurn;
    }
}
