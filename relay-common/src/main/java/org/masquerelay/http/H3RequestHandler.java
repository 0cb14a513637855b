package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.http.TunnelHeads.Reading;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tunnel.HeaderFields;
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

    /// What is read and thrown away after an answer, so that the stream can end in an orderly way.
    private static final int MAX_DISCARDED = 64 * 1024;

    private final H3ServerConnection connection;
    private final QuicStreamChannel stream;
    private State state = State.AWAIT_HEAD;
    private Reading.@Nullable Plain plain;
    private @Nullable ByteBuf body;
    private int discarded;

    private enum State {
        AWAIT_HEAD,
        AWAIT_BODY,
        AWAIT_RESPONSE,
        ANSWERED
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
            case Http3HeadersFrame frame when state == State.AWAIT_HEAD -> head(frame);
            case Http3HeadersFrame _ -> {} // Trailers of an ordinary request say nothing to us.
            case Http3DataFrame frame -> content(frame.content());
            default -> ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.read();
    }

    private void head(Http3HeadersFrame frame) {
        var head = H3Heads.request(frame.headers());
        if (head == null) {
            abort(ResetCause.MESSAGE_ERROR);
            return;
        }
        switch (connection.front().heads().read(head, connection.peer())) {
            case Reading.Tunnel(var request) -> H3Exchange.start(connection, stream, this, request);
            case Reading.Wrong(var refusal) -> {
                connection.listener().refused(tags(head), refusal);
                refuse(refusal);
            }
            case Reading.Plain reading -> {
                plain = reading;
                body = stream.alloc().buffer(0, PlainRequest.MAX_BODY);
                state = State.AWAIT_BODY;
            }
        }
    }

    private TunnelTags tags(RequestHead head) {
        var kind = head.protocol() == null ? TunnelKind.TCP : TunnelKind.UDP;
        return new TunnelTags(kind, HttpVersion.H3, connection.front().settings().name());
    }

    private void content(ByteBuf content) {
        try {
            if (state == State.AWAIT_BODY && body != null) {
                if (content.readableBytes() > body.maxWritableBytes()) {
                    answer(PlainResponse.empty(413));
                } else {
                    body.writeBytes(content);
                }
            } else if ((discarded += content.readableBytes()) > MAX_DISCARDED) {
                abort(ResetCause.CANCELLED);
            }
        } finally {
            content.release();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE
                && state == State.AWAIT_BODY
                && plain != null
                && body != null) {
            state = State.AWAIT_RESPONSE;
            var head = plain.head();
            var content = ByteBuffer.wrap(ByteBufUtil.getBytes(body)).asReadOnlyBuffer();
            releaseBody();
            connection
                    .front()
                    .service()
                    .respond(
                            new PlainRequest(head.method(), plain.path(), head.fields(), content),
                            connection.peer(),
                            response -> stream.eventLoop().execute(() -> answer(response)));
        }
    }

    private void answer(PlainResponse response) {
        if (state == State.ANSWERED || !stream.isActive()) {
            return;
        }
        releaseBody();
        state = State.ANSWERED;
        var fields =
                response.fields()
                        .with("content-length", Integer.toString(response.body().remaining()));
        writeHead(response.status(), fields);
        if (response.body().hasRemaining()) {
            stream.write(new DefaultHttp3DataFrame(Unpooled.copiedBuffer(response.body())));
        }
        fin();
    }

    /// Answers a refusal and ends the stream.
    void refuse(Refusal refusal) {
        state = State.ANSWERED;
        var fields =
                refusal.fields()
                        .with(
                                "proxy-status",
                                refusal.proxyStatus(connection.front().settings().identifier()));
        writeHead(refusal.status(), fields);
        fin();
    }

    void writeHead(int status, HeaderFields fields) {
        stream.write(new DefaultHttp3HeadersFrame(H3Heads.response(status, fields)));
    }

    private void fin() {
        // Through the write queue: shutdownOutput() would overtake what waits there.
        new H3StreamWriter(stream, _ -> {}).fin();
        stream.read();
    }

    private void abort(ResetCause cause) {
        state = State.ANSWERED;
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
        // A malformed message, the peer's RESET_STREAM, or a mistake of ours: the request is over.
        if (cause instanceof RuntimeException) {
            LOGGER.error("a request was given up on an internal error", cause);
        }
        if (state != State.ANSWERED) {}
        abort(ResetCause.MESSAGE_ERROR);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        releaseBody();
    }
}
