package org.masquerelay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http3.DefaultHttp3UnknownFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.handler.codec.quic.QuicStreamLimitChangedEvent;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.observe.ConnectionTags;
import org.masquerelay.observe.ConnectionTrace;
import org.masquerelay.observe.ConnectionTrace.TunnelTrace;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.observe.TunnelListener.QuicRole;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.transport.KeyExporters;
import org.masquerelay.transport.PacketWatch;
import org.masquerelay.transport.QuicDialer;
import org.masquerelay.transport.QuicSampler;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.KeyExporter;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.wire.HostPort;

/// An HTTP/3 connection to a relay, as its client: what an ingress and an end user's program open
/// tunnels on.
///
/// Up once the peer's SETTINGS are here. Confined to one event loop, on which all callbacks come.
final class H3ClientConnection implements RelayConnection {
    /// Bytes of the field section of an answer.
    private static final int MAX_FIELD_SECTION = 32 * 1024;

    /// A frame type reserved to be ignored (RFC 9114, section 7.2.8), since QUIC's PING is out of
    /// our reach.
    private static final long KEEPALIVE_FRAME = 0x1f * 7 + 0x21;

    /// How long a peer may be silent after the kernel has said that its port is closed.
    private static final long SUSPICION_MILLIS = 1000;

    private final EventLoop loop;
    private final EndOfTurn endOfTurn;
    private final NextHop hop;
    private final ConnectionSettings settings;
    private final TunnelListener listener;
    private final H3Datagrams datagrams;
    private final HopRequests requests;
    private final QuicSampler sampler;
    private final long begun;
    private final Observer observer;
    private @Nullable QuicChannel quic;
    private @Nullable Future<QuicChannel> dialing;
    private @Nullable Future<?> keepalive;
    private @Nullable Future<?> suspicion;
    private final H3RequestStreams streams = new H3RequestStreams(this::keepAlive);
    private State state = State.DIALING;
    private ConnectionTrace trace = ConnectionTrace.OFF;
    private @Nullable QuicConnectionCloseEvent closedByPeer;

    private enum State {
        DIALING,
        UP,
        GOING_AWAY,
        CLOSED
    }

    private H3ClientConnection(
            Dial dial, EventLoop loop, EndOfTurn endOfTurn, NextHop hop, Observer observer) {
        this.loop = loop;
        this.begun = loop.ticker().nanoTime();
        this.endOfTurn = endOfTurn;
        this.hop = hop;
        this.settings = dial.settings();
        this.listener = dial.listener();
        this.sampler = dial.sampler();
        this.observer = observer;
        this.datagrams =
                new H3Datagrams(
                        endOfTurn,
                        -1,
                        listener.losses(TunnelTags.dialled(TunnelKind.UDP, HttpVersion.H3)));
        var policy = dial.capsules();
        this.requests =
                new HopRequests(
                        hop,
                        new RequestCredentials.Line(HttpVersion.H3, this::exporter),
                        new Carriage.Capsules(policy, policy.newBudget(), listener),
                        kind -> trace.tunnel(kind),
                        this::openStream);
    }

    /// Dials on `loop`, which the caller is on. `timeoutMillis` runs until the peer's SETTINGS are
    /// here.
    static H3ClientConnection dial(
            Dial dial,
            EventLoop loop,
            EndOfTurn endOfTurn,
            NextHop hop,
            long timeoutMillis,
            Observer observer) {
        assert loop.inEventLoop();
        var connection = new H3ClientConnection(dial, loop, endOfTurn, hop, observer);
        connection.start(dial.dialer(), timeoutMillis);
        return connection;
    }

    /// What all connections of a kind are dialled with.
    record Dial(
            QuicDialer dialer,
            ConnectionSettings settings,
            CapsulePolicy capsules,
            TunnelListener listener,
            QuicSampler sampler) {}

    private void start(QuicDialer dialer, long timeoutMillis) {
        var timer =
                loop.schedule(() -> fail(Failure.TIMEOUT), timeoutMillis, TimeUnit.MILLISECONDS);
        var future =
                dialer.dial(
                        loop, hop.address(), hop.authority(), new Setup(timer), this::unreachable);
        dialing = future;
        future.addListener(done -> {
            if (!done.isSuccess()) {
                timer.cancel(false);
                fail(failureOf(done.cause()));
            }
        });
    }

    private static Failure failureOf(@Nullable Throwable cause) {
        for (var c = cause; c != null; c = c.getCause()) {
            if (c instanceof java.net.ConnectException
                    || c instanceof java.net.PortUnreachableException) {
                return Failure.UNREACHABLE;
            }
            if (c instanceof javax.net.ssl.SSLException) {
                return Failure.TLS;
            }
        }
        return Failure.TERMINATED;
    }

    /// Puts the HTTP/3 layer onto the QUIC channel.
    private final class Setup extends ChannelInitializer<QuicChannel> {
        private final Future<?> timer;

        Setup(Future<?> timer) {
            this.timer = timer;
        }

        @Override
        protected void initChannel(QuicChannel channel) {
            quic = channel;
            var control =
                    new H3ControlStream(
                            peer -> {
                                timer.cancel(false);
                                settled(peer);
                            },
                            H3ClientConnection.this::goAway);
            channel.pipeline()
                    .addLast(
                            new Http3ClientConnectionHandler(
                                    control,
                                    null,
                                    null,
                                    H3ControlStream.localSettings(MAX_FIELD_SECTION),
                                    true))
                    .addLast(QuietStreams.INSTANCE)
                    .addLast(datagrams)
                    .addLast(new Watch());
            listener.connections(QuicRole.CLIENT, 1);
            trace = listener.trace(QuicRole.CLIENT);
            PacketWatch.watch(channel, trace);
            sampler.watch(channel, ConnectionTags.dialled(HttpVersion.H3), listener);
            channel.closeFuture()
                    .addListener(_ -> {
                        trace.closed(QuicEnd.of(channel, closedByPeer));
                        timer.cancel(false);
                        listener.connections(QuicRole.CLIENT, -1);
                        fail(Failure.TERMINATED);
                    });
        }
    }

    /// Watches the connection itself.
    private final class Watch extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            trace.established();
            listener.handshaken(
                    ConnectionTags.dialled(HttpVersion.H3), loop.ticker().nanoTime() - begun);
            ctx.fireChannelActive();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof QuicStreamLimitChangedEvent) {
                streams.creditChanged();
            } else if (event instanceof QuicConnectionCloseEvent close) {
                closedByPeer = close;
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (cause instanceof javax.net.ssl.SSLException) {
                fail(Failure.TLS);
            }
        }
    }

    private void settled(H3ControlStream.PeerSettings peer) {
        var channel = quic;
        if (state != State.DIALING || channel == null) {
            return;
        }
        if (peer.extendedConnect() == H3ControlStream.Extension.ABSENT) {
            fail(Failure.PROTOCOL); // RFC 9220, section 3: connect-udp cannot be asked for.
            return;
        }
        datagrams.peerSettings(peer.datagrams());
        state = State.UP;
        streams.up(channel);
        long period = settings.idleTimeout().toMillis() / 3;
        keepalive =
                loop.scheduleAtFixedRate(this::keepAlive, period, period, TimeUnit.MILLISECONDS);
        observer.up();
    }

    private void keepAlive() {
        var control = quic == null ? null : Http3.getLocalControlStream(quic);
        if (control != null && control.isActive()) {
            control.writeAndFlush(
                    new DefaultHttp3UnknownFrame(
                            KEEPALIVE_FRAME, io.netty.buffer.Unpooled.EMPTY_BUFFER));
        }
    }

    private void goAway() {
        if (state == State.UP) {
            state = State.GOING_AWAY;
            observer.goingAway();
        }
    }

    private void unreachable() {
        if (state == State.DIALING) {
            fail(Failure.UNREACHABLE);
        } else if (state != State.CLOSED && suspicion == null) {
            packetsReceived(before -> {
                suspicion =
                        loop.schedule(
                                () -> packetsReceived(now -> judge(before, now)),
                                SUSPICION_MILLIS,
                                TimeUnit.MILLISECONDS);
                keepAlive();
            });
        }
    }

    /// Anybody who guesses our port can forge such a message; a peer that answers is alive.
    private void judge(long before, long now) {
        suspicion = null;
        if (now == before) {
            fail(Failure.TERMINATED);
        }
    }

    @Override
    public void listen(long withinMillis, Consumer<Boolean> alive) {
        packetsReceived(before -> {
            loop.schedule(
                    () -> packetsReceived(now -> alive.accept(now != before)),
                    withinMillis,
                    TimeUnit.MILLISECONDS);
            keepAlive(); // The least that has to be acknowledged.
        });
    }

    private void packetsReceived(LongConsumer then) {
        var channel = quic;
        if (channel == null || state == State.CLOSED) {
            return;
        }
        channel.collectStats()
                .addListener((Future<QuicConnectionStats> stats) -> {
                    if (stats.isSuccess() && state != State.CLOSED) {
                        then.accept(stats.getNow().recv());
                    }
                });
    }

    private void fail(Failure failure) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (keepalive != null) {
            keepalive.cancel(false);
        }
        if (suspicion != null) {
            suspicion.cancel(false);
        }
        if (dialing != null) {
            dialing.cancel(false);
        }
        if (quic != null) {
            quic.close(true, H3ControlStream.H3_NO_ERROR, quic.alloc().buffer(0));
        }
        observer.closed(failure);
        streams.close(failure);
    }

    @Override
    public HttpVersion version() {
        return HttpVersion.H3;
    }

    @Override
    public boolean isUp() {
        return state == State.UP;
    }

    @Override
    public long streamsLeft() {
        return streams.left();
    }

    @Override
    public EventLoop eventLoop() {
        return loop;
    }

    @Override
    public Runnable open(
            TunnelKind kind, Optional<HostPort> scope, HeaderFields fields, TunnelAnswer answer) {
        return requests.open(kind, scope, fields, answer);
    }

    @Override
    public void request(PlainRequest request, PlainAnswer answer) {
        requests.request(request, answer);
    }

    private Optional<KeyExporter> exporter() {
        return quic == null ? Optional.empty() : KeyExporters.of(quic);
    }

    private void openStream(
            Consumer<ClientStream> ready, TunnelTrace tunnel, FailureListener failures) {
        streams.open(
                channel -> {
                    channel.pipeline()
                            .addLast(new H3ClientStream(channel, endOfTurn, datagrams, ready));
                    if (!tunnel.equals(TunnelTrace.OFF)) {
                        channel.closeFuture().addListener(_ -> tunnel.closed());
                    }
                },
                failures);
    }

    @Override
    public void close() {
        fail(Failure.TERMINATED);
    }
}
