package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RefusalReason;

/// A stream that a client has opened. Confined to its event loop.
final class H2ServerStream extends H2MessageStream implements ServerStream {
    private final H2ServerConnection connection;
    private final ServerRequest request;
    private boolean headRead;

    H2ServerStream(H2ServerConnection connection, Http2StreamChannel channel) {
        super(channel, connection.endOfTurn());
        this.connection = connection;
        this.request = new ServerRequest(connection, this);
        receiver(request);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2DataFrame data) {
            connection.backlog().read(channel().stream().id(), data.content().readableBytes());
        }
        super.channelRead(ctx, message);
    }

    // Made-you-reset: the codec has refused a frame, and we reset the stream. A client that does so
    // often is as bad as one that resets its streams itself.
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        connection.brokenRequest();
        super.exceptionCaught(ctx, cause);
    }

    @Override
    void headers(Http2HeadersFrame frame) {
        var receiver = receiver();
        if (headRead) {
            if (receiver != null) {
                receiver.trailers();
            }
            return;
        }
        headRead = true;
        var head = MessageHeads.request(frame.headers());
        if (head != null && head.method().equals(TunnelHeads.CONNECT) && frame.isEndStream()) {
            request.refuse(
                    head, RefusalReason.BAD_REQUEST.because("CONNECT ends with its own head"));
        } else {
            request.head(head);
        }
    }

    @Override
    public void accept(HeaderFields fields) {
        head(200, fields, false);
    }

    @Override
    public void interim(int status) {
        head(status, HeaderFields.NONE, false);
    }

    @Override
    public void respond(int status, HeaderFields fields, ByteBuf body) {
        boolean empty = !body.isReadable();
        head(status, fields.with("content-length", Integer.toString(body.readableBytes())), empty);
        if (empty) {
            body.release();
        } else {
            send(new DefaultHttp2DataFrame(body, true));
        }
        Discard.rest(this);
    }

    private void head(int status, HeaderFields fields, boolean last) {
        send(
                new DefaultHttp2HeadersFrame(
                        MessageHeads.response(new DefaultHttp2Headers(), status, fields), last));
    }
}
