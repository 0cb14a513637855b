package org.masquerelay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.tunnel.RequestHead;

/// A stream that we have opened. Confined to its event loop.
final class H2ClientStream extends H2MessageStream implements ClientStream {
    private final Consumer<ClientStream> ready;
    private @Nullable ResponseReceiver response;
    private boolean finalHeadRead;

    /// @param ready runs once requests can be sent
    H2ClientStream(Http2StreamChannel channel, EndOfTurn endOfTurn, Consumer<ClientStream> ready) {
        super(channel, endOfTurn);
        this.ready = ready;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ready.accept(this);
    }

    @Override
    public void ask(RequestHead head, ResponseReceiver receiver) {
        response = receiver;
        receiver(receiver);
        if (MessageHeads.hasControl(head.fields())) {
            receiver.unsent(RelayConnection.Failure.UNSENT);
            return;
        }
        var headers = MessageHeads.request(new DefaultHttp2Headers(), head);
        channel()
                .write(new DefaultHttp2HeadersFrame(headers))
                .addListener(written -> {
                    if (!written.isSuccess()) {
                        receiver.unsent(Unsent.failure(written.cause()));
                    }
                });
        channel().flush();
        read();
    }

    @Override
    void headers(Http2HeadersFrame frame) {
        var receiver = receiver();
        if (finalHeadRead && receiver != null) {
            receiver.trailers();
        } else if (response != null) {
            int status = MessageHeads.status(frame.headers());
            finalHeadRead = status >= 200;
            response.head(status, MessageHeads.fields(frame.headers()));
        }
    }
}
