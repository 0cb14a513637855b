package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class EventLoopsTest {
    private final EventLoops loops = EventLoops.start(1);
    private final CompletableFuture<Boolean> removed = new CompletableFuture<>();

    /// Where TLS gives its memory back.
    private final class Watch extends ChannelInboundHandlerAdapter {
        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            removed.complete(true);
        }
    }

    private Channel openChannel() {
        return new Bootstrap()
                .group(loops.all().getFirst())
                .channel(EventLoops.datagramChannel())
                .handler(new Watch())
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    @Test
    void closesItsChannels() {
        var channel = openChannel();
        loops.close();
        assertThat(channel.isOpen()).isFalse();
        assertThat(removed).isCompletedWithValue(true);
    }

    @Test
    void closesItsChannelsThoughItIsToldToStopAmidItsTasks() throws Exception {
        var channel = openChannel();
        var loop = loops.all().getFirst();
        var running = new CompletableFuture<Boolean>();
        loop.execute(() -> {
            running.complete(true);
            while (!loop.isShuttingDown()) {
                Thread.onSpinWait();
            }
        });
        running.get(10, TimeUnit.SECONDS);
        loops.close();
        assertThat(loop.isTerminated()).isTrue();
        assertThat(channel.isOpen()).isFalse();
        assertThat(removed).isCompletedWithValue(true);
    }
}
