package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.masquerelay.observe.ConnectionRefusal;
import org.masquerelay.observe.ConnectionTags;
import org.masquerelay.observe.Losses;
import org.masquerelay.observe.QuicSample;
import org.masquerelay.observe.Traffic;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Refusal;

/// In which turns connections are looked at, and what is told of them. That of a real QUIC layer is
/// in `MetersTest`.
final class QuicSamplerTest {
    private final EmbeddedChannel clock = new EmbeddedChannel();
    private final QuicSampler sampler = new QuicSampler(clock.eventLoop());
    private final List<Told> told = new ArrayList<>();
    private final TunnelListener listener = new Samples();

    /// @param name the connection, which this test writes where its listener's name would be
    private record Told(String name, QuicSample sample) {}

    private final class Samples implements TunnelListener {
        @Override
        public boolean wantsSamples() {
            return true;
        }

        @Override
        public void sampled(ConnectionTags tags, QuicSample sample) {
            told.add(new Told(tags.listener(), sample));
        }

        @Override
        public Traffic opened(TunnelTags tags) {
            return new Traffic();
        }

        @Override
        public void closed(TunnelTags tags, long nanosOpen) {}

        @Override
        public void refused(TunnelTags tags, Refusal refusal) {}

        @Override
        public Losses losses(TunnelTags tags) {
            return Losses.IGNORED;
        }

        @Override
        public void connectionRefused(ConnectionRefusal refusal) {}

        @Override
        public void connections(QuicRole role, int change) {}

        @Override
        public void upstreamStreams(int change) {}
    }

    /// A connection of which only packets are known.
    private final class Connection {
        private final ChannelPromise closed = new DefaultChannelPromise(clock, clock.eventLoop());
        private long sent;

        Connection(String name, TunnelListener to) {
            var channel =
                    (QuicChannel)
                            Proxy.newProxyInstance(
                                    QuicChannel.class.getClassLoader(),
                                    new Class<?>[] {QuicChannel.class},
                                    (_, method, _) ->
                                            switch (method.getName()) {
                                                case "closeFuture" -> closed;
                                                case "isActive" -> false;
                                                case "collectStats" ->
                                                        clock.eventLoop()
                                                                .newSucceededFuture(stats());
                                                default ->
                                                        throw new AssertionError(method.getName());
                                            });
            sampler.watch(channel, ConnectionTags.accepted(HttpVersion.H3, name), to);
        }

        private QuicConnectionStats stats() {
            return (QuicConnectionStats)
                    Proxy.newProxyInstance(
                            QuicConnectionStats.class.getClassLoader(),
                            new Class<?>[] {QuicConnectionStats.class},
                            (_, method, _) -> method.getName().equals("sent") ? sent : 0L);
        }
    }

    private void passSecond() {
        clock.advanceTimeBy(1, TimeUnit.SECONDS);
        clock.runScheduledPendingTasks();
    }

    @Test
    void tellsDifferencesThatAreNeverNegative() {
        clock.freezeTime();
        var connection = new Connection("a", listener);
        for (long sent : new long[] {5, 12, 9, 13}) {
            connection.sent = sent;
            passSecond();
        }
        connection.sent = 20;
        connection.closed.setSuccess();
        assertThat(told.stream().map(one -> one.sample().sent()))
                .containsExactly(5L, 7L, 0L, 1L, 7L);
        passSecond();
        assertThat(told).as("nothing of what is closed").hasSize(5);
    }

    @Test
    void looksAtSomeConnectionsOfManyInEachSecondAndAtAllInTurn() {
        clock.freezeTime();
        for (int i = 0; i < 150; i++) {
            new Connection(Integer.toString(i), listener);
        }
        passSecond();
        assertThat(told).hasSize(64);
        passSecond();
        assertThat(told).hasSize(128);
        passSecond();
        assertThat(told).hasSize(192);
        var names = new HashSet<String>();
        told.forEach(one -> names.add(one.name()));
        assertThat(names).hasSize(150);
    }

    @Test
    void doesNothingForAListenerThatWantsNoSamplesNorWithoutConnections() {
        clock.freezeTime();
        new Connection("a", TunnelListener.SILENT).closed.setSuccess();
        new Connection("b", listener).closed.setSuccess();
        passSecond();
        passSecond();
        assertThat(told.stream().map(Told::name)).containsExactly("b");
        assertThat(clock.runScheduledPendingTasks()).as("no timer is left").isEqualTo(-1);
    }
}
