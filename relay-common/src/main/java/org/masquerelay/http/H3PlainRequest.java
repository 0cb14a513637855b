package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
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
import org.masquerelay.http.H3ClientConnection.Failure;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.wire.HostPort;

/// An ordinary request of ours, until its response is whole. Confined to the event loop of its
/// stream.
final class H3PlainRequest extends ChannelInboundHandlerAdapter {
    private static final int MAX_RESPONSE = 64 * 1024;

    private final QuicStreamChannel stream;
    private final HostPort authority;
    private final PlainRequest request;
    private final PlainAnswer answer;
    private final ByteBuf body = Unpooled.buffer(0, MAX_RESPONSE);
    private HeaderFields fields = HeaderFields.NONE;
    private int status;
    private boolean answered;

    H3PlainRequest(
            QuicStreamChannel stream,
            HostPort authority,
            PlainRequest request,
            PlainAnswer answer) {
        this.stream = stream;
        this.authority = authority;
        this.request = request;
        this.answer = answer;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        var head =
                new RequestHead(
                        request.method(),
                        "https",
                        authority.toString(),
                        request.path(),
                        null,
                        request.fields());
        stream.write(new DefaultHttp3HeadersFrame(H3Heads.request(head)));
        if (request.body().hasRemaining()) {
            stream.write(new DefaultHttp3DataFrame(Unpooled.copiedBuffer(request.body())));
        }
        new H3StreamWriter(
                        stream,
                        written -> {
                            if (!written.isSuccess()) {
                                fail(Failure.TERMINATED);
                            }
                        })
                .fin();
        stream.config().setAutoRead(true);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof Http3HeadersFrame frame && status < 200) {
                var received = H3Heads.fields(frame.headers());
                fields = received == null ? HeaderFields.NONE : received;
                var text = frame.headers().status();
                status = text == null || text.length() != 3 ? 0 : Integer.parseInt(text, 0, 3, 10);
            } else if (message instanceof Http3DataFrame frame) {
                if (frame.content().readableBytes() > body.maxWritableBytes()) {
                    abort(Failure.PROTOCOL);
                } else {
                    body.writeBytes(frame.content());
                }
            }
        } catch (NumberFormatException _) {
            abort(Failure.PROTOCOL);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && !answered) {
            if (status < 200) {
                abort(Failure.PROTOCOL);
                return;
            }
            answered = true;
            answer.answered(
                    new PlainResponse(status, fields, ByteBuffer.wrap(bytes()).asReadOnlyBuffer()));
        }
    }

    private byte[] bytes() {
        var bytes = new byte[body.readableBytes()];
        body.readBytes(bytes);
        return bytes;
    }

    private void abort(Failure failure) {
        new H3StreamWriter(stream, _ -> {}).reset(ResetCause.MESSAGE_ERROR);
        fail(failure);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        abort(Failure.TERMINATED);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(Failure.TERMINATED);
    }

    private void fail(Failure failure) {
        if (!answered) {
            answered = true;
            answer.failed(failure);
        }
    }
}
