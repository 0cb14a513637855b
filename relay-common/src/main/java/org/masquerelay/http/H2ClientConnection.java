package org.masquerelay.http;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.ConnectionTrace.TunnelTrace;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.transport.FlushAtEndOfTurn;
import org.masquerelay.transport.KeyExporters;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.KeyExporter;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.wire.HostPort;

/// An HTTP/2 connection to a relay, as its client.
///
/// Up once the peer's SETTINGS are here and allow extended CONNECT (RFC 8441, section 3). Confined
/// to one event loop.
final class H2ClientConnection implements RelayConnection {
    private static final int MAX_FIELD_SECTION = 32 * 1024;

    /// RFC 9113, section 6.5.2: without a word from the peer there is no limit; we keep one.
    private static final long MAX_STREAMS = 1_000;

    private final TcpDial dial;
    private final EventLoop loop;
    private final EndOfTurn endOfTurn;
    private final Observer observer;
    private final HopRequests requests;
    private final H2Streams streams = new H2Streams();
    private @Nullable SocketChannel channel;
    private @Nullable Future<?> dialing;
    private @Nullable Future<?> timer;
    private @Nullable Future<?> keepalive;
    private State state = State.DIALING;
    private long limit = MAX_STREAMS;
    private long open;
    private boolean heard;
    private long heardFrames;
    private int silentPeriods;

    private enum State {
        DIALING,
        UP,
        GOING_AWAY,
        CLOSED
    }

    private H2ClientConnection(
            TcpDial dial, EventLoop loop, EndOfTurn endOfTurn, NextHop hop, Observer observer) {
        this.dial = dial;
        this.loop = loop;
        this.endOfTurn = endOfTurn;
        this.observer = observer;
        this.requests =
                new HopRequests(
                        hop,
                        new RequestCredentials.Line(HttpVersion.H2, this::exporter),
                        dial.newCapsules(),
                        _ -> TunnelTrace.OFF,
                        this::openStream);
    }

    /// Dials on `loop`, which the caller is on. `timeoutMillis` runs until the peer's SETTINGS are
    /// here.
    static H2ClientConnection dial(
            TcpDial dial,
            EventLoop loop,
            EndOfTurn endOfTurn,
            NextHop hop,
            long timeoutMillis,
            Observer observer) {
        var connection = new H2ClientConnection(dial, loop, endOfTurn, hop, observer);
        connection.timer =
                loop.schedule(
                        () -> connection.fail(Failure.TIMEOUT),
                        timeoutMillis,
                        TimeUnit.MILLISECONDS);
        connection.dialing =
                dial.dial(loop, hop, timeoutMillis, connection::secured, connection::fail);
        return connection;
    }

    private void secured(SocketChannel secured) {
        channel = secured;
        secured.pipeline()
                .addLast(H2Codec.client(dial.settings(), MAX_FIELD_SECTION))
                .addLast(new FlushAtEndOfTurn(endOfTurn))
                .addLast(new Http2MultiplexHandler(new NoPush()))
                .addLast(new Watch());
        secured.closeFuture().addListener(_ -> fail(Failure.TERMINATED));
    }

    /// Watches the connection itself.
    private final class Watch extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            H2Codec.openWindow(ctx, dial.settings());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            heard = true;
            heardFrames++;
            switch (message) {
                case Http2SettingsFrame frame -> settled(frame.settings());
                case Http2GoAwayFrame _ -> goAway();
                default -> {}
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                fail(Failure.TERMINATED);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            fail(state == State.DIALING ? TcpDial.failureOf(cause) : Failure.TERMINATED);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            streams.connectionEnded(loop);
        }
    }

    private void settled(Http2Settings settings) {
        var streams = settings.maxConcurrentStreams();
        if (streams != null) {
            limit = Math.min(streams, MAX_STREAMS);
        }
        if (state != State.DIALING) {
            return;
        }
        if (!Boolean.TRUE.equals(settings.connectProtocolEnabled())) {
            fail(Failure.PROTOCOL); // RFC 8441, section 3: connect-udp cannot be asked for.
            return;
        }
        state = State.UP;
        stopTimer();
        long period = dial.settings().idleTimeout().toMillis() / 3;
        // Those that a loop had no time for must not come all at once: no answer is read in
        // between.
        keepalive =
                loop.scheduleWithFixedDelay(this::keepAlive, period, period, TimeUnit.MILLISECONDS);
        observer.up();
    }

    /// A peer that has not said anything since the last PING but one is gone.
    private void keepAlive() {
        if (!heard && silentPeriods++ >= 2) {
            fail(Failure.TERMINATED);
            return;
        }
        if (heard) {
            silentPeriods = 0;
        }
        heard = false;
        if (channel != null) {
            channel.writeAndFlush(new DefaultHttp2PingFrame(0));
        }
    }

    @Override
    public void listen(long withinMillis, Consumer<Boolean> alive) {
        var line = channel;
        if (line == null || state == State.CLOSED) {
            return;
        }
        long before = heardFrames;
        line.writeAndFlush(new DefaultHttp2PingFrame(0));
        loop.schedule(
                () -> {
                    if (state != State.CLOSED) {
                        alive.accept(heardFrames != before);
                    }
                },
                withinMillis,
                TimeUnit.MILLISECONDS);
    }

    private void goAway() {
        if (state == State.UP) {
            state = State.GOING_AWAY;
            observer.goingAway();
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void fail(Failure failure) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        stopTimer();
        if (keepalive != null) {
            keepalive.cancel(false);
        }
        if (dialing != null) {
            dialing.cancel(false);
        }
        if (channel != null) {
            channel.close();
        }
        observer.closed(failure);
    }

    @Override
    public HttpVersion version() {
        return HttpVersion.H2;
    }

    @Override
    public EventLoop eventLoop() {
        return loop;
    }

    @Override
    public boolean isUp() {
        return state == State.UP;
    }

    @Override
    public long streamsLeft() {
        return limit - open;
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
        return channel == null ? Optional.empty() : KeyExporters.of(channel);
    }

    private void openStream(
            Consumer<ClientStream> ready, TunnelTrace trace, FailureListener failures) {
        var connected = channel;
        if (connected == null || state != State.UP || streamsLeft() <= 0) {
            failures.failed(Failure.NO_STREAM);
            return;
        }
        new Http2StreamChannelBootstrap(connected)
                .handler(stream(ready))
                .open()
                .addListener((Future<Http2StreamChannel> opened) -> {
                    if (!opened.isSuccess()) {
                        failures.failed(Failure.NO_STREAM);
                    }
                });
    }

    private ChannelHandler stream(Consumer<ClientStream> ready) {
        return new ChannelInitializer<Http2StreamChannel>() {
            @Override
            protected void initChannel(Http2StreamChannel stream) {
                open++;
                streams.add(stream);
                stream.closeFuture().addListener(_ -> open--);
                stream.pipeline().addLast(new H2ClientStream(stream, endOfTurn, ready));
            }
        };
    }

    @Override
    public void close() {
        fail(Failure.TERMINATED);
    }

    /// Server push is switched off, so nothing comes here.
    private static final class NoPush extends ChannelInitializer<Http2StreamChannel> {
        @Override
        protected void initChannel(Http2StreamChannel stream) {
            stream.close();
        }
    }
}
