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
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.transport.EventLoops;

/// A client that would send requests before its handshake is done (RFC 9001, section 4.6), which
/// could be replayed.
@Timeout(60)
final class EarlyDataTest {
    private static final int ATTEMPTS = 40;

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

    /// Whether the connection resumed an earlier one.
    ///
    /// @param millis how long it stays: tickets come some time after the handshake
    private boolean resumes(QuicSslContext context, InetSocketAddress to, int millis)
            throws Exception {
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
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
        var engine = Objects.requireNonNull(quic.sslEngine());
        var reused = engine.getClass().getDeclaredMethod("isSessionReused");
        reused.setAccessible(true);
        boolean resumed = (boolean) Objects.requireNonNull(reused.invoke(engine));
        quic.close().sync();
        socket.close().sync();
        return resumed;
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
            int resumed = 0;
            for (int i = 1; i <= ATTEMPTS && resumed < 2; i++) {
                resumed += resumes(context, front.address(), 20 * i) ? 1 : 0;
            }
            assertThat(resumed).as("resumed connections").isEqualTo(2);
            assertThat(ready).as("times that early data was possible").hasValue(0);
        }
    }
}
