package org.masquerelay.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import org.masquerelay.observe.ConnectionTrace.TunnelTrace;
import org.masquerelay.observe.LogId;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.tunnel.TunnelStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A tunnel request until it is answered. Confined to the event loop of its stream.
final class ServerExchange implements TunnelExchange {
    private static final Logger LOGGER = LoggerFactory.getLogger(ServerExchange.class);

    private final FrontConnection connection;
    private final ServerStream stream;
    private final TunnelRequest request;
    private final Carriage carriage;
    private final TunnelTrace trace;
    private final HttpTunnel tunnel;
    private final boolean leadsNowhere;
    private final LogId id = new LogId();
    private final long begun;
    private Runnable onAbandoned = () -> {};
    private boolean answered;
    private boolean closed;

    private ServerExchange(
            FrontConnection connection,
            ServerStream stream,
            TunnelRequest request,
            Carriage carriage,
            boolean leadsNowhere) {
        this.leadsNowhere = leadsNowhere;
        this.connection = connection;
        this.stream = stream;
        this.request = request;
        this.begun = stream.eventLoop().ticker().nanoTime();
        this.carriage = carriage;
        this.trace = connection.trace().tunnel(request.kind());
        this.tunnel = carriage.on(stream, connection.capsules().of(TunnelTags.of(request), trace));
    }

    /// Lets the tunnel listen to the stream, so that what comes early waits there, and asks the
    /// service.
    static void start(
            FrontConnection connection,
            ServerStream stream,
            TunnelRequest request,
            Carriage carriage) {
        start(connection, stream, request, carriage, false);
    }

    /// The same for a request of which only those may know that it leads nowhere who may enter.
    static void startToNowhere(
            FrontConnection connection,
            ServerStream stream,
            TunnelRequest request,
            Carriage carriage) {
        start(connection, stream, request, carriage, true);
    }

    private static void start(
            FrontConnection connection,
            ServerStream stream,
            TunnelRequest request,
            Carriage carriage,
            boolean leadsNowhere) {
        if (!connection.takeTunnel()) {
            var refusal =
                    RefusalReason.TOO_MANY_TUNNELS.because(
                            "this connection has all the tunnels it may have");
            connection.listener().refused(TunnelTags.of(request), refusal);
            respond(stream, connection.front().settings().identifier(), refusal);
            return;
        }
        var exchange = new ServerExchange(connection, stream, request, carriage, leadsNowhere);
        stream.whenClosed(exchange::streamClosed);
        stream.receiver(exchange.tunnel);
        // Hidden tunnels say nothing before who asks is known, and an interim answer may be left
        // out.
        if (!connection.front().settings().offer().isHidden()
                && request.head()
                        .fields()
                        .first("expect")
                        .filter("100-continue"::equals)
                        .isPresent()) {
            stream.interim(100); // What comes before the answer is held.
        }
        // One read more, so that a client that gives up is noticed while its tunnel is being
        // dialled.
        stream.read();
        exchange.offer();
    }

    /// Answers a refusal in the name of the hop called `identifier`.
    static void respond(ServerStream stream, String identifier, Refusal refusal) {
        var fields = refusal.fields().with("proxy-status", refusal.proxyStatus(identifier));
        stream.respond(refusal.status(), fields, Unpooled.EMPTY_BUFFER);
    }

    private void offer() {
        try {
            connection.front().service().open(this);
        } catch (RuntimeException mistake) {
            // Its message could quote the request.
            LOGGER.atError()
                    .addKeyValue("tunnel.id", id.toString())
                    .addKeyValue("connection.id", connection.id().toString())
                    .log(
                            "a tunnel request ended in an internal error: {}",
                            mistake.getClass().getName());
            if (!answered) {
                refuse(RefusalReason.INTERNAL.because(""));
            }
        }
    }

    @Override
    public TunnelRequest request() {
        return request;
    }

    @Override
    public LogId id() {
        return id;
    }

    @Override
    public boolean leadsNowhere() {
        return leadsNowhere;
    }

    @Override
    public EventLoop eventLoop() {
        return stream.eventLoop();
    }

    @Override
    public TunnelStream accept(HeaderFields fields) {
        answerOnce();
        trace.opened();
        connection
                .listener()
                .accepted(TunnelTags.of(request), stream.eventLoop().ticker().nanoTime() - begun);
        stream.accept(
                carriage.hasCapsules()
                        ? fields.with(
                                TunnelHeads.CAPSULE_PROTOCOL_TRUE.name(),
                                TunnelHeads.CAPSULE_PROTOCOL_TRUE.value())
                        : fields);
        return tunnel;
    }

    @Override
    public void refuse(Refusal refusal) {
        answerOnce();
        connection.listener().refused(TunnelTags.of(request), refusal);
        tunnel.abandon();
        if (refusal instanceof Refusal.Own own && own.reason() == RefusalReason.DRAINING) {
            // It came after the others were asked to go; a pool would ask it again and again.
            connection.goAway();
        }
        if (stream.isActive()) {
            respond(stream, connection.front().settings().identifier(), refusal);
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
        trace.closed();
        if (answered) {
            connection.giveTunnelBack();
        } else {
            onAbandoned.run();
        }
    }

    @Override
    public void whenAbandoned(Runnable action) {
        onAbandoned = action;
    }

    @Override
    public void abandon() {
        answerOnce();
        tunnel.abandon();
    }

    @Override
    public boolean isAbandoned() {
        return !stream.isActive();
    }
}
