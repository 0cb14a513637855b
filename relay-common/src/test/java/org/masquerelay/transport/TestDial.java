package org.masquerelay.transport;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.masquerelay.wire.HostPort;

/// Dials a server whose certificate names localhost. Blocks.
final class TestDial {
    private TestDial() {}

    static QuicChannel dial(
            QuicDialer dialer, EventLoop loop, InetSocketAddress to, ChannelHandler handler)
            throws Exception {
        var up = new CompletableFuture<QuicChannel>();
        loop.execute(() ->
                dialer.dial(loop, to, new HostPort("localhost", to.getPort()), handler, () -> {})
                        .addListener((Future<QuicChannel> done) -> {
                            if (done.isSuccess()) {
                                up.complete(done.getNow());
                            } else {
                                up.completeExceptionally(done.cause());
                            }
                        }));
        return up.get(10, SECONDS);
    }
}
