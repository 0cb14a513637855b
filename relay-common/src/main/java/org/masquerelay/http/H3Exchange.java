package org.masquerelay.http;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicStreamChannel;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.tunnel.TunnelStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A tunnel request on an HTTP/3 request stream, until it is answered. Confined to the event loop
/// of its stream.
final class H3Exchange implements TunnelExchange {
    private static final Logger LOGGER = LoggerFactory.getLogger(H3Exchange.class);

    private final H3ServerConnection connection;
    private final QuicStreamChannel stream;
    private final TunnelRequest request;
    private final TunnelStream tunnel;
    private boolean answered;
    private boolean closed;

    private H3Exchange(
            H3ServerConnection connection,
            QuicStreamChannel stream,
            TunnelRequest request,
            TunnelStream tunnel) {
        this.connection = connection;
        this.stream = stream;
        this.request = request;
        this.tunnel = tunnel;
    }

    /// Puts the tunnel's handler into the stream, so that what comes early waits there, and asks
    /// the service.
    static void start(
            H3ServerConnection connection,
            QuicStreamChannel stream,
            H3RequestHandler handler,
            TunnelRequest request) {
        if (!connection.takeTunnel()) {
            var refusal =
                    RefusalReason.TOO_MANY_TUNNELS.because(
                            "this connection has all the tunnels it may have");
            connection.listener().refused(TunnelTags.of(request), refusal);
            H3Answer.refuse(stream, handler, connection.front().settings().identifier(), refusal);
            return;
        }
        var tunnel = tunnelOn(connection, stream, request.kind());
        var exchange = new H3Exchange(connection, stream, request, tunnel);
        stream.closeFuture().addListener(_ -> exchange.streamClosed());
        stream.pipeline().replace(handler, "tunnel", (ChannelHandler) tunnel);
        // One read more, so that a client that gives up is noticed while its tunnel is being
        // dialled.
        stream.read();
        exchange.offer();
    }

    private void offer() {
        try {
            connection.front().service().open(this);
        } catch (RuntimeException mistake) {
            // Its message could quote the request.
            LOGGER.error(
                    "a tunnel request ended in an internal error: {}",
                    mistake.getClass().getName());
            if (!answered) {
                refuse(RefusalReason.INTERNAL.because(""));
            }
        }
    }

    private static TunnelStream tunnelOn(
            H3ServerConnection connection, QuicStreamChannel stream, TunnelKind kind) {
        return switch (kind) {
            case TCP -> {
                connection.datagrams().open(stream.streamId(), null);
                yield new H3ByteStream(stream, connection.endOfTurn());
            }
            case UDP -> {
                var udp =
                        new H3DatagramStream(stream, connection.datagrams(), connection.listener());
                connection.datagrams().open(stream.streamId(), udp);
                yield udp;
            }
        };
    }

    @Override
    public TunnelRequest request() {
        return request;
    }

    @Override
    public EventLoop eventLoop() {
        return stream.eventLoop();
    }

    @Override
    public TunnelStream accept(HeaderFields fields) {
        answerOnce();
        var all =
                request.kind() == TunnelKind.UDP
                        ? fields.with(
                                TunnelHeads.CAPSULE_PROTOCOL_TRUE.name(),
                                TunnelHeads.CAPSULE_PROTOCOL_TRUE.value())
                        : fields;
        H3Answer.head(stream, 200, all);
        if (request.kind() == TunnelKind.UDP) {
            stream.config().setAutoRead(true);
        }
        return tunnel;
    }

    @Override
    public void refuse(Refusal refusal) {
        answerOnce();
        connection.listener().refused(TunnelTags.of(request), refusal);
        if (stream.isActive()) {
            H3Answer.refuse(
                    stream,
                    (ChannelHandler) tunnel,
                    connection.front().settings().identifier(),
                    refusal);
        }
    }

    private void answerOnce() {
        if (answered) {
            throw new IllegalStateException("exchange: answered (expected: open)");
        }
        answered = true;
        if (closed) {
            connection.giveTunnelBack();
        }
    }

    /// The place is taken until the service has let go as well: a client that opens and resets
    /// requests has no more of them resolved and dialled at a time than one that waits.
    private void streamClosed() {
        closed = true;
        if (answered) {
            connection.giveTunnelBack();
        }
    }

    @Override
    public void abandon() {
        answerOnce();
    }

    @Override
    public boolean isAbandoned() {
        return !stream.isActive();
    }
}
