package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.http.TunnelHeads.Reading;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelKind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The first handler of a request stream: reads the head, decides what is asked, and hands over to
/// an [H3Exchange] or answers itself. Confined to the event loop of its stream.
final class H3RequestHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOGGER = LoggerFactory.getLogger(H3RequestHandler.class);

    private final H3ServerConnection connection;
    private final QuicStreamChannel stream;
    private State state = State.AWAIT_HEAD;
    private Reading.@Nullable Plain plain;
    private @Nullable ByteBuf body;

    private enum State {
        AWAIT_HEAD,
        AWAIT_BODY,
        AWAIT_RESPONSE,
        ENDED
    }

    H3RequestHandler(H3ServerConnection connection, QuicStreamChannel stream) {
        this.connection = connection;
        this.stream = stream;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Http3HeadersFrame frame when state == State.AWAIT_HEAD -> tryHead(frame);
            case Http3HeadersFrame _ -> {} // Trailers of an ordinary request say nothing to us.
            case Http3DataFrame frame when state == State.AWAIT_BODY -> content(frame.content());
            default -> ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.read();
    }

    private void tryHead(Http3HeadersFrame frame) {
        try {
            head(frame);
        } catch (RuntimeException mistake) {
            // Its message could quote the request.
            LOGGER.error(
                    "a request was given up on an internal error: {} at {}",
                    mistake.getClass().getName(),
                    mistake.getStackTrace().length == 0 ? "?" : mistake.getStackTrace()[0]);
            abort(ResetCause.INTERNAL_ERROR);
        }
    }

    private void head(Http3HeadersFrame frame) {
        var head = H3Heads.request(frame.headers());
        if (head == null) {
            abort(ResetCause.MESSAGE_ERROR);
            return;
        }
        switch (connection.front().heads().read(head, connection.peer())) {
            case Reading.Tunnel(var request) -> {
                state = State.ENDED;
                H3Exchange.start(connection, stream, this, request);
            }
            case Reading.Wrong(var refusal) -> refuse(head, refusal);
            case Reading.Plain reading -> {
                plain = reading;
                body = stream.alloc().buffer(0, PlainRequest.MAX_BODY);
                state = State.AWAIT_BODY;
            }
        }
    }

    private void refuse(RequestHead head, Refusal refusal) {
        var kind = head.protocol() == null ? TunnelKind.TCP : TunnelKind.UDP;
        var settings = connection.front().settings();
        connection
                .listener()
                .refused(new TunnelTags(kind, HttpVersion.H3, settings.name()), refusal);
        state = State.ENDED;
        H3Answer.refuse(stream, this, settings.identifier(), refusal);
    }

    private void content(ByteBuf content) {
        var sofar = body;
        try {
            if (sofar != null && content.readableBytes() <= sofar.maxWritableBytes()) {
                sofar.writeBytes(content);
            } else {
                answer(PlainResponse.empty(413));
            }
        } finally {
            content.release();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && state == State.AWAIT_HEAD) {
            abort(ResetCause.REQUEST_INCOMPLETE);
            return;
        }
        var request = plain;
        var content = body;
        if (event == ChannelInputShutdownEvent.INSTANCE
                && state == State.AWAIT_BODY
                && request != null
                && content != null) {
            state = State.AWAIT_RESPONSE;
            var bytes = ByteBuffer.wrap(ByteBufUtil.getBytes(content)).asReadOnlyBuffer();
            releaseBody();
            connection
                    .front()
                    .service()
                    .respond(
                            new PlainRequest(
                                    request.head().method(),
                                    request.path(),
                                    request.head().fields(),
                                    bytes),
                            connection.peer(),
                            response -> stream.eventLoop().execute(() -> answer(response)));
        }
    }

    private void answer(PlainResponse response) {
        if (state == State.ENDED || !stream.isActive()) {
            return;
        }
        releaseBody();
        state = State.ENDED;
        int length = response.body().remaining();
        H3Answer.head(
                stream,
                response.status(),
                response.fields().with("content-length", Integer.toString(length)));
        if (length > 0) {
            stream.write(new DefaultHttp3DataFrame(Unpooled.copiedBuffer(response.body())));
        }
        H3Answer.end(stream, this);
    }

    private void abort(ResetCause cause) {
        connection.brokenRequest();
        state = State.ENDED;
        releaseBody();
        new H3StreamWriter(stream, _ -> {}).reset(cause);
    }

    private void releaseBody() {
        if (body != null) {
            body.release();
            body = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A malformed message, or the peer's RESET_STREAM: the request is over.
        abort(ResetCause.MESSAGE_ERROR);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        releaseBody();
    }
}
