package org.masquerelay.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.testkit.FakeTunnelStream;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelStream;

@Timeout(30)
final class TunnelChannelTest {
    private static final InetSocketAddress PEER =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 443);

    private final EventLoops loops = EventLoops.start(1);
    private final EventLoop loop = loops.all().getFirst();
    private final FakeTunnelStream stream = new FakeTunnelStream();
    private final List<String> heard = new ArrayList<>();

    private final TunnelPath path =
            new TunnelPath(loops, on -> on.newSucceededFuture((TunnelStream) stream));

    @AfterEach
    void stop() {
        loops.close();
        LeakPresenceDetector.check();
    }

    /// What a codec would get.
    private final class Codec extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            var packet = (DatagramPacket) message;
            heard.add(packet.content().readerIndex() + " " + packet.content().toString(UTF_8));
            packet.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            heard.add("end of turn");
        }
    }

    private Channel open() throws Exception {
        Future<Channel> opened = on(() -> path.open(loop, PEER, new Codec()));
        return opened.get(10, TimeUnit.SECONDS);
    }

    private <T> T on(Callable<T> task) throws Exception {
        return loop.submit(task).get(10, TimeUnit.SECONDS);
    }

    private void run(Runnable task) throws Exception {
        loop.submit(task).get(10, TimeUnit.SECONDS);
    }

    @Test
    void handsPacketsUpFromIndexZeroAndOncePerTurn() throws Exception {
        open();
        run(() -> {
            stream.peerSends("one");
            // As of a datagram whose context ID has been read.
            stream.peer().received(Unpooled.copiedBuffer("xtwo", UTF_8).skipBytes(1));
            var parts = Unpooled.compositeBuffer();
            parts.addComponent(true, Unpooled.copiedBuffer("th", UTF_8));
            parts.addComponent(true, Unpooled.copiedBuffer("ree", UTF_8));
            stream.peer().received(parts);
        });
        run(() -> {}); // The turn is over.
        assertThat(on(() -> List.copyOf(heard)))
                .containsExactly("0 one", "0 two", "0 three", "end of turn");
    }

    @Test
    void writesPacketsIntoTheTunnelAndNoEmptyOnes() throws Exception {
        var channel = open();
        for (var text : List.of("one", "", "two")) {
            channel.writeAndFlush(new DatagramPacket(Unpooled.copiedBuffer(text, UTF_8), PEER))
                    .get(10, TimeUnit.SECONDS);
        }
        assertThat(on(() -> List.copyOf(stream.written()))).containsExactly("one", "two");
    }

    @Test
    void endsWithItsTunnel() throws Exception {
        var channel = open();
        run(() -> stream.ends(StreamEnd.RESET));
        assertThat(channel.closeFuture().await(10, TimeUnit.SECONDS)).isTrue();
        path.awaitEnd(Duration.ofSeconds(10));
        assertThat(on(stream::isFinished)).isFalse();
    }

    @Test
    void letsTheLastPacketOutBeforeTheTunnelEnds() throws Exception {
        var channel = open();
        channel.close().get(10, TimeUnit.SECONDS);
        assertThat(on(stream::isFinished)).as("at once").isFalse();
        path.awaitEnd(Duration.ofMillis(500));
        assertThat(on(stream::isFinished)).as("a little later").isTrue();
        assertThat(on(() -> stream.resetCause() == null)).isTrue();
    }

    @Test
    void resetsATunnelThatTheOtherEndDoesNotEnd() throws Exception {
        var channel = open();
        channel.close().get(10, TimeUnit.SECONDS);
        path.awaitEnd(Duration.ofSeconds(2));
        assertThat(on(stream::resetCause)).isEqualTo(ResetCause.CANCELLED);
    }

    @Test
    void resetsATunnelThatComesAfterItsConnectionWasGivenUp() throws Exception {
        var late = loop.<TunnelStream>newPromise();
        var slow = new TunnelPath(loops, _ -> late);
        Future<Channel> opened = on(() -> slow.open(loop, PEER, new Codec()));
        opened.cancel(false);
        late.setSuccess(stream);
        assertThat(on(stream::resetCause)).isEqualTo(ResetCause.CANCELLED);
    }
}
