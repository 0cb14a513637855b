package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class FlushAtEndOfTurnTest {
    private final EventLoops loops = EventLoops.start(1);
    private final List<String> below = new ArrayList<>();
    private final FlushAtEndOfTurn flush =
            new FlushAtEndOfTurn(loops.endOfTurn(loops.all().getFirst()));
    private final EmbeddedChannel channel =
            new EmbeddedChannel(
                    new ChannelOutboundHandlerAdapter() {
                        @Override
                        public void flush(ChannelHandlerContext ctx) {
                            below.add("flush");
                            ctx.flush();
                        }

                        @Override
                        public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
                            below.add("close");
                            ctx.close(promise);
                        }
                    },
                    flush);

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        loops.close();
    }

    private void onLoop(Runnable task) throws Exception {
        loops.all().getFirst().submit(task).get(10, TimeUnit.SECONDS);
    }

    private void writeAndFlush(int times) {
        for (int i = 0; i < times; i++) {
            channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}));
        }
    }

    @Test
    void flushesOnceAtTheEndOfTheTurn() throws Exception {
        var during = new ArrayList<String>();
        onLoop(() -> {
            writeAndFlush(3);
            during.addAll(below);
        });
        onLoop(() -> {});
        assertThat(during).isEmpty();
        assertThat(below).containsExactly("flush");
        assertThat(channel.outboundMessages()).hasSize(3);
    }

    @Test
    void flushesBeforeClosing() throws Exception {
        onLoop(() -> {
            writeAndFlush(1);
            channel.close();
        });
        onLoop(() -> {});
        assertThat(below).containsExactly("flush", "close");
        assertThat(channel.outboundMessages()).hasSize(1);
    }

    @Test
    void flushesOnceWhenToldToDoItNow() throws Exception {
        onLoop(() -> {
            writeAndFlush(1);
            flush.flushNow();
        });
        onLoop(() -> {});
        assertThat(below).containsExactly("flush");
    }
}
