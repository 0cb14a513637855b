package org.masquerelay.http;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.SslEarlyDataReadyEvent;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.transport.EventLoops;

/// A client that would send requests before its handshake is done (RFC 9001, section 4.6), which
/// could be replayed.
@Timeout(60)
final class EarlyDataTest {
    private final AtomicInteger ready = new AtomicInteger();
    private final EventLoops loops = EventLoops.start(1);

    private final class Watch extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslEarlyDataReadyEvent) {
                ready.incrementAndGet();
            }
        }
    }

    private void connectOnce(QuicSslContext context, InetSocketAddress to) throws Exception {
        var codec =
                Http3.newQuicClientCodecBuilder()
                        .sslEngineProvider(
                                quic -> context.newEngine(quic.alloc(), "localhost", to.getPort()))
                        .build();
        var socket =
                new Bootstrap()
                        .group(loops.all().getFirst())
                        .channel(EventLoops.datagramChannel())
                        .handler(codec)
                        .connect(to)
                        .sync()
                        .channel();
        var quic =
                QuicChannel.newBootstrap(socket)
                        .handler(new Watch())
                        .localAddress(socket.localAddress())
                        .remoteAddress(to)
                        .connect()
                        .get(10, SECONDS);
        // Tickets come after the handshake.
        LockSupport.parkNanos(300_000_000);
        quic.close().sync();
        socket.close().sync();
    }

    @Test
    void isNotLetSendThem() throws Exception {
        var context =
                QuicSslContextBuilder.forClient()
                        .trustManager(
                                TestFront.clientTls().anchors().toArray(X509Certificate[]::new))
                        .applicationProtocols("h3")
                        .earlyData(true)
                        .build();
        try (loops;
                var front = TestFront.echoing()) {
            for (int i = 0; i < 3; i++) {
                connectOnce(context, front.address());
            }
            assertThat(ready).hasValue(0);
        }
    }
}
