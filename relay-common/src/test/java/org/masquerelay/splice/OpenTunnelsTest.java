package org.masquerelay.splice;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.testkit.FakeTunnelStream;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.HostPort;

@Timeout(30)
final class OpenTunnelsTest {
    private final CountingListener listener = new CountingListener();
    private final FakeTunnelStream client = new FakeTunnelStream();
    private final FakeTunnelStream target = new FakeTunnelStream();
    private final AtomicInteger ended = new AtomicInteger();

    private int countWhenAnswered;

    private void join(OpenTunnels tunnels) {
        var head = new RequestHead("CONNECT", null, "a.test:1", null, null, HeaderFields.NONE);
        var peer = new Peer(new InetSocketAddress(0), List.of(), "front", HttpVersion.H3);
        tunnels.join(
                new TunnelRequest(TunnelKind.TCP, new HostPort("a.test", 1), head, peer),
                new EmbeddedChannel().eventLoop(),
                () -> {
                    countWhenAnswered = tunnels.count();
                    return client;
                },
                target,
                TunnelTimes.idle(Duration.ZERO),
                _ -> ended.incrementAndGet());
    }

    @Test
    void countsATunnelUntilBothEndsAreGone() {
        var ticker = Ticker.newMockTicker();
        var tunnels = new OpenTunnels(listener, ticker);
        join(tunnels);
        assertThat(countWhenAnswered).isOne();
        assertThat(tunnels.count()).isOne();
        assertThat(listener.openTunnels()).isOne();
        ticker.advance(3, TimeUnit.SECONDS);
        client.ends(StreamEnd.FINISHED);
        assertThat(tunnels.count()).isOne();
        target.ends(StreamEnd.FINISHED);
        assertThat(tunnels.count()).isZero();
        assertThat(ended).hasValue(1);
        assertThat(listener.openTunnels()).isZero();
        assertThat(listener.nanosOpen()).containsExactly(TimeUnit.SECONDS.toNanos(3));
    }

    @Test
    void waitsUntilTheLastTunnelIsGone() throws Exception {
        var tunnels = new OpenTunnels(listener, Ticker.systemTicker());
        join(tunnels);
        var waiting = new CompletableFuture<Integer>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        tunnels.awaitNone(Duration.ofSeconds(20));
                        waiting.complete(tunnels.count());
                    } catch (InterruptedException interrupted) {
                        waiting.completeExceptionally(interrupted);
                    }
                });
        assertThat(waiting).isNotDone();
        client.ends(StreamEnd.RESET);
        target.ends(StreamEnd.RESET);
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void waitsNoLongerThanTheTimeout() throws Exception {
        MockTicker ticker = Ticker.newMockTicker();
        var tunnels = new OpenTunnels(listener, ticker);
        join(tunnels);
        tunnels.awaitNone(Duration.ZERO);
        assertThat(tunnels.count()).isOne();
    }
}
