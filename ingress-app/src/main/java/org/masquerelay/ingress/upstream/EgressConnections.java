package org.masquerelay.ingress.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.masquerelay.gate.Admission;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.http.RelayDialer;
import org.masquerelay.ingress.fleet.FailureCause;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.fleet.Member;
import org.masquerelay.ingress.fleet.RetryReason;
import org.masquerelay.ingress.upstream.EgressPool.Outcome;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.RefusalReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connections of one event loop to one egress, shared by the tunnels of that loop.
///
/// Confined to its loop, so leasing takes no lock and a tunnel never changes threads. At most one
/// dial is under way, or one for each tunnel that waits where connections carry one each; tunnels
/// that come meanwhile wait for it.
final class EgressConnections {
    private static final Logger LOGGER = LoggerFactory.getLogger(EgressConnections.class);

    /// Tunnels that wait for a dial; further ones are refused.
    private static final int MAX_WAITING = 4096;

    private final Parts parts;
    private final Member member;
    private final Runnable whenEmpty;
    private final List<Upstream> upstreams = new ArrayList<>();
    private final Queue<Waiter> waiting = new ArrayDeque<>();
    private final EgressDialler dialler;
    private int dialing;
    private boolean closed;
    private boolean left;
    private @Nullable HttpVersion lastVersion;

    /// What the connections to all egresses have in common.
    record Parts(
            EventLoop loop,
            UpstreamSettings settings,
            RelayDialer dialer,
            Supplier<TlsMaterial> tls,
            Fleet fleet,
            Ticker ticker) {}

    /// A tunnel that wants room; told once what became of that.
    private static final class Waiter {
        private final Admission admission;
        private final Consumer<Outcome> then;
        private boolean told;

        Waiter(Admission admission, Consumer<Outcome> then) {
            this.admission = admission;
            this.then = then;
        }

        void tell(Outcome outcome) {
            if (!told) {
                told = true;
                then.accept(outcome);
            }
        }
    }

    /// @param whenEmpty runs once nothing is left after [#leave]
    EgressConnections(Parts parts, Member member, Runnable whenEmpty) {
        this.parts = parts;
        this.member = member;
        this.whenEmpty = whenEmpty;
        this.dialler = new EgressDialler(parts, this);
    }

    /// Finds room for an admitted tunnel and calls `then` exactly once, on the loop; at once when a
    /// connection has room. What is returned gives the place in the queue up, without a word to
    /// `then`.
    Runnable lease(Admission admission, Consumer<Outcome> then) {
        var waiter = new Waiter(admission, then);
        lease(waiter);
        return () -> waiting.remove(waiter);
    }

    private void lease(Waiter waiter) {
        assert loop().inEventLoop();
        var tls = parts.tls().get();
        retireWorn(tls);
        for (var upstream : upstreams) {
            if (upstream.canTake(tls, settings())) {
                waiter.tell(new Outcome.Leased(upstream.lease(waiter.admission)));
                return;
            }
        }
        if (closed) {
            waiter.tell(closing());
        } else if (waiting.size() >= MAX_WAITING) {
            waiter.tell(
                    unavailable(
                            RefusalReason.OVERLOADED,
                            "too many tunnels wait for the next hop",
                            RetryReason.FULL));
        } else if (dialing == 0 && takingTunnels() >= settings().connectionLimit(lastVersion)) {
            waiter.tell(
                    unavailable(
                            RefusalReason.UPSTREAM_FULL,
                            "all connections to the next hop are full",
                            RetryReason.FULL));
        } else {
            waiting.add(waiter);
            dialIfNeeded(tls);
        }
    }

    private static Outcome unavailable(RefusalReason reason, String details, RetryReason retry) {
        return new Outcome.Unavailable(reason.because(details), retry);
    }

    private static Outcome closing() {
        return unavailable(
                RefusalReason.DRAINING, "this relay is closing", RetryReason.UNAVAILABLE);
    }

    private void retireWorn(TlsMaterial tls) {
        long now = parts.ticker().nanoTime();
        // A copy: a drained one that is retired closes, and leaves the list.
        for (var upstream : List.copyOf(upstreams)) {
            if (upstream.isUp() && upstream.isWorn(settings(), tls, now)) {
                upstream.retire();
            }
        }
    }

    private long takingTunnels() {
        return upstreams.stream().filter(upstream -> !upstream.isRetired()).count();
    }

    private void dialIfNeeded(TlsMaterial tls) {
        int wanted = Math.min(waiting.size(), settings().parallelDials(lastVersion));
        while (dialing < wanted
                && !closed
                && takingTunnels() + dialing < settings().connectionLimit(lastVersion)) {
            dialing++;
            dialler.start(tls);
        }
    }

    /// What a dial came to, by its end.
    void dialed(Upstream upstream) {
        dialing--;
        parts.fleet().connected(member);
        lastVersion = upstream.connection().version();
        upstreams.add(upstream);
        upstream.startIdleTimer(settings().idleTimeout());
        serveWaiting();
        if (left) {
            upstream.retire();
        }
    }

    void dialFailed(Failure failure) {
        dialing--;
        if (!closed) {
            parts.fleet().failed(member, FailureCause.CONNECT);
        }
        if (dialing == 0) {
            refuseWaiting(
                    new Outcome.Unavailable(EgressPool.refusal(failure), RetryReason.UNREACHABLE));
        }
        sayIfEmpty();
    }

    /// A connection is gone that had been dialled.
    void closed(Upstream upstream) {
        upstreams.remove(upstream);
        capacityFreed();
        sayIfEmpty();
    }

    boolean isClosed() {
        return closed;
    }

    /// A tunnel has ended somewhere.
    void capacityFreed() {
        if (!waiting.isEmpty()) {
            serveWaiting();
        }
    }

    /// Tries again for those that wait; each finds room, waits on, or is refused.
    private void serveWaiting() {
        forEachWaiting(this::lease);
    }

    private void refuseWaiting(Outcome outcome) {
        forEachWaiting(waiter -> waiter.tell(outcome));
    }

    /// One that fails takes none of the others with it, and hears of it.
    private void forEachWaiting(Consumer<Waiter> step) {
        var all = List.copyOf(waiting);
        waiting.clear();
        for (var waiter : all) {
            try {
                step.accept(waiter);
            } catch (RuntimeException mistake) {
                say(mistake);
                waiting.remove(waiter);
                tellOfMistake(waiter);
            }
        }
    }

    private static void tellOfMistake(Waiter waiter) {
        try {
            waiter.tell(
                    unavailable(
                            RefusalReason.INTERNAL,
                            "the next hop cannot be asked",
                            RetryReason.UNAVAILABLE));
        } catch (RuntimeException mistake) {
            say(mistake);
        }
    }

    private static void say(RuntimeException mistake) {
        LOGGER.error("a tunnel request that waited failed: {}", mistake.getClass().getName());
    }

    /// The egress is not in the directory any more: its connections close when their tunnels are
    /// over, and it takes no further ones but those that wait for it.
    void leave() {
        left = true;
        List.copyOf(upstreams).forEach(Upstream::retire);
        sayIfEmpty();
    }

    /// It is again.
    void stay() {
        left = false;
    }

    private void sayIfEmpty() {
        if (isEmpty()) {
            // Not before whoever has just come for a connection has asked for it.
            loop().execute(() -> {
                if (isEmpty()) {
                    whenEmpty.run();
                }
            });
        }
    }

    private boolean isEmpty() {
        return left && upstreams.isEmpty() && waiting.isEmpty() && dialing == 0;
    }

    Member member() {
        return member;
    }

    /// A connection was lost with requests on it.
    void lost() {
        if (!closed) {
            parts.fleet().failed(member, FailureCause.LOST);
        }
    }

    EventLoop loop() {
        return parts.loop();
    }

    UpstreamSettings settings() {
        return parts.settings();
    }

    TunnelListener listener() {
        return parts.dialer().listener();
    }

    /// Closes every connection. On the loop.
    void close() {
        closed = true;
        List.copyOf(upstreams).forEach(Upstream::close);
        refuseWaiting(closing());
    }
}
