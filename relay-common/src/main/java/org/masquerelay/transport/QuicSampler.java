package org.masquerelay.transport;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.ConnectionTags;
import org.masquerelay.observe.QuicSample;
import org.masquerelay.observe.TunnelListener;

/// Looks at the QUIC connections of an event loop in turn, and at each a last time when it is over,
/// so that nothing has to be counted for each packet.
///
/// Costs nothing while there are no connections. Confined to its loop.
public final class QuicSampler {
    /// So long after a connection was looked at comes its turn again, or later.
    private static final Duration PERIOD = Duration.ofSeconds(1);

    /// Connections looked at in a period: each costs the loop some microseconds in native code.
    private static final int MOST_PER_PERIOD = 64;

    /// A client that moves has one path more for a while (RFC 9000, section 9).
    private static final int MOST_PATHS = 8;

    private final EventLoop loop;
    private final SequencedSet<Watched> watched = new LinkedHashSet<>();
    private boolean scheduled;

    QuicSampler(EventLoop loop) {
        this.loop = loop;
    }

    /// Tells `listener` of `quic` until it is closed, if it wants to know.
    public void watch(QuicChannel quic, ConnectionTags tags, TunnelListener listener) {
        assert loop.inEventLoop();
        if (!listener.wantsSamples()) {
            return;
        }
        var one = new Watched(quic, tags, listener);
        watched.add(one);
        quic.closeFuture()
                .addListener(_ -> {
                    watched.remove(one);
                    one.sample();
                });
        schedule();
    }

    private void schedule() {
        if (!scheduled && !watched.isEmpty()) {
            scheduled = true;
            loop.schedule(this::turn, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void turn() {
        scheduled = false;
        int due = Math.min(watched.size(), MOST_PER_PERIOD);
        for (int i = 0; i < due; i++) {
            var next = watched.removeFirst();
            watched.addLast(next);
            next.sample();
        }
        schedule();
    }

    private static final class Watched {
        private final QuicChannel quic;
        private final ConnectionTags tags;
        private final TunnelListener listener;
        private long sent;
        private long received;
        private long lost;

        Watched(QuicChannel quic, ConnectionTags tags, TunnelListener listener) {
            this.quic = quic;
            this.tags = tags;
            this.listener = listener;
        }

        void sample() {
            var stats = now(quic.collectStats());
            if (stats == null) {
                return; // Closed before there was anything to count.
            }
            // What is counted never becomes less, whatever the QUIC layer says.
            long sentNow = Math.max(sent, stats.sent());
            long receivedNow = Math.max(received, stats.recv());
            long lostNow = Math.max(lost, stats.lost());
            listener.sampled(
                    tags,
                    new QuicSample(
                            sentNow - sent, receivedNow - received, lostNow - lost, path(stats)));
            sent = sentNow;
            received = receivedNow;
            lost = lostNow;
        }

        /// Before the handshake is done, a path has nothing to tell but what it assumes.
        private Optional<QuicSample.Path> path(QuicConnectionStats stats) {
            if (!quic.isActive()) {
                return Optional.empty();
            }
            long paths = Math.min(stats.pathsCount(), MOST_PATHS);
            for (int i = 0; i < paths; i++) {
                QuicConnectionPathStats path = now(quic.collectPathStats(i));
                if (path != null && path.active()) {
                    return Optional.of(new QuicSample.Path(path.rtt(), path.cwnd()));
                }
            }
            return Optional.empty();
        }

        /// On the loop of the connection, the answer is there at once.
        private static <T> @Nullable T now(Future<T> answer) {
            return answer.isSuccess() ? answer.getNow() : null;
        }
    }
}
