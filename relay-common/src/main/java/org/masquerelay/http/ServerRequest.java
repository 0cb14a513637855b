package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.http.TunnelHeads.Reading;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelKind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A request of a client from its head on: decides what is asked, and hands over to a
/// [ServerExchange] or answers itself. Confined to the event loop of its stream.
final class ServerRequest implements MessageStream.Receiver {
    private static final Logger LOGGER = LoggerFactory.getLogger(ServerRequest.class);

    private final FrontConnection connection;
    private final ServerStream stream;
    private State state = State.AWAIT_HEAD;
    private Reading.@Nullable Plain plain;
    private @Nullable Peer peer;
    private @Nullable ByteBuf body;
    private @Nullable Future<?> timer;

    private enum State {
        AWAIT_HEAD,
        AWAIT_BODY,
        AWAIT_RESPONSE,
        ENDED
    }

    ServerRequest(FrontConnection connection, ServerStream stream) {
        this.connection = connection;
        this.stream = stream;
    }

    /// The head has come, or what came instead of one is null.
    void head(@Nullable RequestHead head) {
        if (head == null) {
            abort(ResetCause.MESSAGE_ERROR);
            return;
        }
        if (head.fields().lines().size() > connection.front().settings().limits().maxFields()) {
            refuse(head, RefusalReason.HEADER_TOO_LARGE.because("too many fields"));
            return;
        }
        try {
            read(head);
        } catch (RuntimeException mistake) {
            // Its message could quote the request.
            LOGGER.atError()
                    .addKeyValue("connection.id", connection.id().toString())
                    .log(
                            "a request was given up on an internal error: {} at {}",
                            mistake.getClass().getName(),
                            mistake.getStackTrace().length == 0 ? "?" : mistake.getStackTrace()[0]);
            abort(ResetCause.INTERNAL_ERROR);
        }
    }

    private void read(RequestHead head) {
        var asking = connection.peer();
        if (asking.isEmpty()) {
            refuse(head, RefusalReason.FORBIDDEN.because("the client certificate counts no more"));
            return;
        }
        switch (connection.front().heads().read(head, asking.get())) {
            case Reading.Tunnel(var request, var carriage) -> {
                end();
                ServerExchange.start(connection, stream, request, carriage);
            }
            case Reading.Nowhere(var request, var carriage) -> {
                end();
                ServerExchange.startToNowhere(connection, stream, request, carriage);
            }
            case Reading.Wrong(var refusal) -> refuse(head, refusal);
            case Reading.Plain reading -> {
                plain = reading;
                peer = asking.get();
                body = stream.alloc().buffer(0, PlainRequest.MAX_BODY);
                state = State.AWAIT_BODY;
                refuseDatagrams();
            }
        }
    }

    // RFC 9297, section 2: datagrams have no meaning in an ordinary request.
    private void refuseDatagrams() {
        var datagrams = stream.datagrams();
        if (datagrams != null) {
            datagrams.open(datagram -> {
                datagram.release();
                abort(ResetCause.DATAGRAM_ERROR);
            });
            stream.whenClosed(datagrams::close);
        }
    }

    /// Answers a request that is not one for a tunnel we could open.
    void refuse(RequestHead head, Refusal refusal) {
        var kind = head.protocol() == null ? TunnelKind.TCP : TunnelKind.UDP;
        var settings = connection.front().settings();
        connection
                .listener()
                .refused(new TunnelTags(kind, stream.version(), settings.name()), refusal);
        end();
        ServerExchange.respond(stream, settings.identifier(), refusal);
    }

    @Override
    public void content(ByteBuf content) {
        var sofar = body;
        try {
            if (sofar == null || state != State.AWAIT_BODY) {
                return;
            }
            if (content.readableBytes() <= sofar.maxWritableBytes()) {
                sofar.writeBytes(content);
            } else {
                answer(PlainResponse.empty(413));
            }
        } finally {
            content.release();
        }
    }

    @Override
    public void readComplete() {
        boolean incomplete = state == State.AWAIT_HEAD || state == State.AWAIT_BODY;
        if (incomplete && timer == null) {
            long time = connection.front().settings().limits().headTimeout().toMillis();
            timer = stream.eventLoop().schedule(this::tooLate, time, TimeUnit.MILLISECONDS);
        }
        stream.read();
    }

    /// A client that sends its request bit by bit holds what it costs no longer than this.
    private void tooLate() {
        if (stream.isActive()) {
            abort(ResetCause.REQUEST_INCOMPLETE);
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void end() {
        state = State.ENDED;
        stopTimer();
    }

    @Override
    public void trailers() {
        // Those of an ordinary request say nothing to us.
    }

    @Override
    public void finished() {
        if (state == State.AWAIT_HEAD) {
            abort(ResetCause.REQUEST_INCOMPLETE);
            return;
        }
        var request = plain;
        var asking = peer;
        var content = body;
        if (state == State.AWAIT_BODY && request != null && asking != null && content != null) {
            state = State.AWAIT_RESPONSE;
            stopTimer();
            var bytes = ByteBuffer.wrap(ByteBufUtil.getBytes(content)).asReadOnlyBuffer();
            releaseBody();
            connection
                    .front()
                    .service()
                    .respond(
                            new PlainRequest(
                                    request.head().method(),
                                    request.head().authority(),
                                    request.path(),
                                    request.head().fields(),
                                    bytes),
                            asking,
                            response -> stream.eventLoop().execute(() -> answer(response)));
        }
    }

    private void answer(PlainResponse response) {
        if (state == State.ENDED || !stream.isActive()) {
            return;
        }
        releaseBody();
        end();
        stream.respond(
                response.status(), response.fields(), Unpooled.copiedBuffer(response.body()));
    }

    private void abort(ResetCause cause) {
        connection.brokenRequest();
        end();
        releaseBody();
        stream.reset(cause);
    }

    /// Lets go of a request whose rest cannot be read; somebody else answers it.
    void abandon() {
        end();
        releaseBody();
    }

    private void releaseBody() {
        if (body != null) {
            body.release();
            body = null;
        }
    }

    @Override
    public void failed(MessageStream.Failure failure) {
        // A malformed message, or the peer's reset: the request is over.
        abort(ResetCause.MESSAGE_ERROR);
    }

    @Override
    public void closed() {
        stopTimer();
        releaseBody();
    }
}
