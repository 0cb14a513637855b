package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import org.masquerelay.tunnel.HeaderFields;

/// A request stream that a client has opened. Confined to its event loop.
final class H3ServerStream extends H3MessageStream implements ServerStream {
    private final ServerRequest request;
    private boolean headRead;

    H3ServerStream(H3ServerConnection connection, QuicStreamChannel channel) {
        super(channel, connection.endOfTurn(), connection.datagrams());
        this.request = new ServerRequest(connection, this);
        receiver(request);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    void headers(Http3HeadersFrame frame) {
        var receiver = receiver();
        if (!headRead) {
            headRead = true;
            request.head(MessageHeads.request(frame.headers()));
        } else if (receiver != null) {
            receiver.trailers();
        }
    }

    @Override
    public void accept(HeaderFields fields) {
        head(200, fields);
    }

    @Override
    public void interim(int status) {
        head(status, HeaderFields.NONE);
    }

    @Override
    public void respond(int status, HeaderFields fields, ByteBuf body) {
        head(status, fields.with("content-length", Integer.toString(body.readableBytes())));
        if (body.isReadable()) {
            write(body);
        } else {
            body.release();
        }
        finish();
        Discard.rest(this);
    }

    private void head(int status, HeaderFields fields) {
        channel()
                .write(
                        new DefaultHttp3HeadersFrame(
                                MessageHeads.response(new DefaultHttp3Headers(), status, fields)));
    }
}
