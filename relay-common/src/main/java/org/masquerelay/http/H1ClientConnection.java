package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Optional;
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

/// An HTTP/1.1 connection to a relay, as its client: ordinary requests one after the other, or one
/// tunnel.
///
/// Nothing of a tunnel is sent before its answer (RFC 9931, section 6.3). Confined to one event
/// loop.
final class H1ClientConnection implements RelayConnection {
    private static final String CODEC = "codec";
    private static final String CONNECTION = "connection";

    private final EventLoop loop;
    private final EndOfTurn endOfTurn;
    private final NextHop hop;
    private final Observer observer;
    private final HopRequests requests;
    private @Nullable SocketChannel channel;
    private @Nullable Future<?> dialing;
    private @Nullable H1ClientStream stream;
    private @Nullable CompositeByteBuf behindAnswer;
    private State state = State.DIALING;
    private boolean closeNotified;

    private enum State {
        DIALING,
        UP,
        TUNNEL,
        CLOSED
    }

    private H1ClientConnection(
            TcpDial dial, EventLoop loop, EndOfTurn endOfTurn, NextHop hop, Observer observer) {
        this.loop = loop;
        this.endOfTurn = endOfTurn;
        this.hop = hop;
        this.observer = observer;
        this.requests =
                new HopRequests(
                        hop,
                        new RequestCredentials.Line(HttpVersion.H1, this::exporter),
                        dial.newCapsules(),
                        _ -> TunnelTrace.OFF,
                        this::openStream);
    }

    /// Dials on `loop`, which the caller is on. `timeoutMillis` runs until TLS is done.
    static H1ClientConnection dial(
            TcpDial dial,
            EventLoop loop,
            EndOfTurn endOfTurn,
            NextHop hop,
            long timeoutMillis,
            Observer observer) {
        var connection = new H1ClientConnection(dial, loop, endOfTurn, hop, observer);
        connection.dialing =
                dial.dial(loop, hop, timeoutMillis, connection::secured, connection::fail);
        return connection;
    }

    private void secured(SocketChannel secured) {
        channel = secured;
        secured.pipeline()
                .addLast(new FlushAtEndOfTurn(endOfTurn))
                .addLast(CODEC, new HttpClientCodec())
                .addLast(CONNECTION, new Wire());
        secured.closeFuture().addListener(_ -> fail(Failure.TERMINATED));
        state = State.UP;
        // The caller gets to know this connection first.
        loop.execute(() -> {
            if (state == State.UP) {
                observer.up();
            }
        });
    }

    /// The only handler behind the codec.
    private final class Wire extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            var current = stream;
            if (current == null) {
                ReferenceCountUtil.release(message);
                return;
            }
            switch (message) {
                case HttpResponse head -> {
                    if (head.decoderResult().isFailure()) {
                        current.failed();
                    } else {
                        current.head(head);
                    }
                    ReferenceCountUtil.release(message);
                }
                case LastHttpContent end -> {
                    current.content(end.content());
                    current.end();
                }
                case HttpContent content -> current.content(content.content());
                case ByteBuf bytes when behindAnswer != null ->
                        behindAnswer.addComponent(true, bytes);
                case ByteBuf bytes -> current.received(bytes);
                default -> ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (stream != null) {
                stream.readCompleted();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (stream != null) {
                stream.writabilityChanged();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == SslCloseCompletionEvent.SUCCESS) {
                closeNotified = true;
                if (state == State.TUNNEL && stream != null) {
                    stream.inputEnded();
                } else {
                    fail(Failure.TERMINATED);
                }
            } else if (event == ChannelInputShutdownEvent.INSTANCE && !closeNotified) {
                if (state == State.TUNNEL && stream != null) {
                    stream.failed();
                } else {
                    fail(Failure.TERMINATED);
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (state == State.TUNNEL && stream != null) {
                stream.failed();
            } else {
                fail(TcpDial.failureOf(cause));
            }
        }
    }

    /// The answer has opened a tunnel. `tell` says so to whoever asked, before any of its content:
    /// what came in one piece with the answer waits for that.
    void becomeTunnel(Runnable tell) {
        state = State.TUNNEL;
        var connected = channel;
        var bytes = ByteBufAllocator.DEFAULT.compositeBuffer(Integer.MAX_VALUE);
        behindAnswer = bytes;
        if (connected != null && connected.pipeline().get(CODEC) != null) {
            connected.pipeline().remove(CODEC); // What it holds comes back as bytes.
            connected.config().setAutoRead(false); // From here on the tunnel reads.
        }
        behindAnswer = null;
        tell.run();
        if (stream != null && bytes.isReadable()) {
            stream.received(bytes);
        } else {
            bytes.release();
        }
    }

    /// The response is whole and the connection free for the next request, or over.
    void responded(boolean reusable) {
        var current = stream;
        stream = null;
        if (current != null) {
            current.ended();
        }
        if (!reusable) {
            fail(Failure.TERMINATED);
        }
    }

    private void fail(Failure failure) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (dialing != null) {
            dialing.cancel(false);
        }
        if (channel != null) {
            channel.close();
        }
        var current = stream;
        stream = null;
        if (current != null) {
            current.ended();
        }
        observer.closed(failure);
    }

    @Override
    public HttpVersion version() {
        return HttpVersion.H1;
    }

    @Override
    public EventLoop eventLoop() {
        return loop;
    }

    @Override
    public boolean isUp() {
        return state == State.UP || state == State.TUNNEL;
    }

    @Override
    public long streamsLeft() {
        return state == State.UP && stream == null ? 1 : 0;
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
        if (connected == null || streamsLeft() == 0) {
            failures.failed(Failure.NO_STREAM);
            return;
        }
        var next = new H1ClientStream(this, connected, endOfTurn, hop.authority());
        stream = next;
        ready.accept(next);
    }

    @Override
    public void close() {
        fail(Failure.TERMINATED);
    }
}
