package org.masquerelay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.tunnel.RequestHead;

/// A request stream that we have opened. Confined to its event loop.
final class H3ClientStream extends H3MessageStream implements ClientStream {
    private final Consumer<ClientStream> ready;
    private @Nullable ResponseReceiver response;
    private boolean finalHeadRead;

    /// @param ready runs once requests can be sent
    H3ClientStream(
            QuicStreamChannel channel,
            EndOfTurn endOfTurn,
            H3Datagrams datagrams,
            Consumer<ClientStream> ready) {
        super(channel, endOfTurn, datagrams);
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
        // The codec would send it, and a next hop could write it into HTTP/1.1.
        if (MessageHeads.hasControl(head.fields())) {
            receiver.unsent(RelayConnection.Failure.UNSENT);
            return;
        }
        channel()
                .write(
                        new DefaultHttp3HeadersFrame(
                                MessageHeads.request(new DefaultHttp3Headers(), head)))
                .addListener(written -> {
                    if (!written.isSuccess()) {
                        receiver.unsent(Unsent.failure(written.cause()));
                    }
                });
        read();
    }

    @Override
    void headers(Http3HeadersFrame frame) {
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
