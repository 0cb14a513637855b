package org.masquerelay.ingress.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.masquerelay.gate.Admission;
import org.masquerelay.http.Race;
import org.masquerelay.http.RelayConnection;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.http.RelayDialer;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelKind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connections of one event loop to the egress, shared by the tunnels of that loop.
///
/// Confined to its loop, so leasing takes no lock and a tunnel never changes threads. At most one
/// dial is under way, or one for each tunnel that waits where connections carry one each; tunnels
/// that come meanwhile wait for it.
public final class EgressPool {
    private static final Logger LOGGER = LoggerFactory.getLogger(EgressPool.class);

    /// Tunnels that wait for a dial; further ones are refused.
    private static final int MAX_WAITING = 4096;

    private final EventLoop loop;
    private final UpstreamSettings settings;
    private final RelayDialer dialer;
    private final Supplier<TlsMaterial> tls;
    private final Ticker ticker;
    private final List<Upstream> upstreams = new ArrayList<>();
    private final Queue<Waiter> waiting = new ArrayDeque<>();
    private int dialing;
    private boolean closed;
    private int dials;
    private @Nullable HttpVersion lastVersion;

    /// What became of asking for a lease.
    public sealed interface Outcome {
        record Leased(Lease lease) implements Outcome {}

        record Unavailable(Refusal refusal) implements Outcome {}
    }

    private record Waiter(Admission admission, Consumer<Outcome> then) {}

    public EgressPool(
            EventLoop loop,
            UpstreamSettings settings,
            RelayDialer dialer,
            Supplier<TlsMaterial> tls,
            Ticker ticker) {
        this.loop = loop;
        this.settings = settings;
        this.dialer = dialer;
        this.tls = tls;
        this.ticker = ticker;
    }

    /// Finds room for an admitted tunnel and calls `then` exactly once, on the loop; at once when a
    /// connection has room.
    public void lease(Admission admission, Consumer<Outcome> then) {
        assert loop.inEventLoop();
        var key = new PoolKey(settings.authority(), tls.get());
        retireWorn(key);
        for (var upstream : upstreams) {
            if (upstream.canTake(key, settings)) {
                then.accept(new Outcome.Leased(upstream.lease(admission)));
                return;
            }
        }
        if (closed) {
            then.accept(unavailable(RefusalReason.DRAINING, "this relay is closing"));
        } else if (waiting.size() >= MAX_WAITING) {
            then.accept(
                    unavailable(
                            RefusalReason.OVERLOADED, "too many tunnels wait for the next hop"));
        } else if (dialing == 0 && takingTunnels() >= settings.connectionLimit(lastVersion)) {
            then.accept(
                    unavailable(
                            RefusalReason.UPSTREAM_FULL,
                            "all connections to the next hop are full"));
        } else {
            waiting.add(new Waiter(admission, then));
            dialIfNeeded(key);
        }
    }

    private static Outcome unavailable(RefusalReason reason, String details) {
        return new Outcome.Unavailable(reason.because(details));
    }

    private void retireWorn(PoolKey key) {
        long now = ticker.nanoTime();
        // A copy: a drained one that is retired closes, and leaves the list.
        for (var upstream : List.copyOf(upstreams)) {
            if (upstream.isUp() && upstream.isWorn(settings, key, now)) {
                upstream.retire();
            }
        }
    }

    private long takingTunnels() {
        return upstreams.stream().filter(upstream -> !upstream.isRetired()).count();
    }

    private void dialIfNeeded(PoolKey key) {
        int wanted = Math.min(waiting.size(), settings.parallelDials(lastVersion));
        while (dialing < wanted
                && !closed
                && takingTunnels() + dialing < settings.connectionLimit(lastVersion)) {
            dialing++;
            lookUp(key);
        }
    }

    private void lookUp(PoolKey key) {
        int attempt = dials++;
        var lookup =
                loop.schedule(
                        () -> dialFailed(Failure.TIMEOUT),
                        settings.connectTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
        // Names are looked up where waiting harms nobody.
        Thread.ofVirtual()
                .name("relay-upstream-name")
                .start(() -> {
                    var address = address(attempt);
                    loop.execute(() -> {
                        if (lookup.cancel(false)) {
                            dial(key, address);
                        }
                    });
                });
    }

    private void dialFailed(Failure failure) {
        dialing--;
        if (dialing == 0) {
            refuseWaiting(refusedBy(failure));
        }
    }

    private static Outcome refusedBy(Failure failure) {
        return new Outcome.Unavailable(refusal(failure));
    }

    /// One address of the egress, another one each time, or null when its name has none.
    private @Nullable InetSocketAddress address(int attempt) {
        try {
            var addresses = InetAddress.getAllByName(settings.authority().host());
            return new InetSocketAddress(
                    addresses[Math.floorMod(attempt, addresses.length)],
                    settings.authority().port());
        } catch (UnknownHostException | RuntimeException _) {
            return null;
        }
    }

    private void dial(PoolKey key, @Nullable InetSocketAddress address) {
        if (address == null || closed) {
            dialFailed(Failure.UNREACHABLE);
            return;
        }
        var hop = settings.hop(address);
        Race.start(
                loop,
                settings.transports(),
                (version, outcome) -> {
                    var attempt = new Attempt(key, outcome);
                    attempt.connection =
                            dialer.dial(
                                    version,
                                    loop,
                                    hop,
                                    settings.connectTimeout().toMillis(),
                                    attempt);
                    return attempt.connection::close;
                },
                new Race.Finish<Upstream, Failure>() {
                    @Override
                    public void won(Upstream upstream) {
                        dialing--;
                        lastVersion = upstream.connection().version();
                        upstreams.add(upstream);
                        upstream.startIdleTimer(settings.idleTimeout());
                        serveWaiting();
                    }

                    @Override
                    public void lost(Failure failure) {
                        dialFailed(failure);
                    }
                });
    }

    /// Follows one connection from its dialling on.
    private final class Attempt implements RelayConnection.Observer {
        private final PoolKey key;
        private final Race.Outcome<Upstream, Failure> outcome;
        private @Nullable RelayConnection connection;
        private @Nullable Upstream upstream;

        Attempt(PoolKey key, Race.Outcome<Upstream, Failure> outcome) {
            this.key = key;
            this.outcome = outcome;
        }

        @Override
        public void up() {
            var dialed = connection;
            if (dialed == null) {
                return;
            }
            upstream = new Upstream(EgressPool.this, key, dialed, ticker.nanoTime());
            if (!outcome.won(upstream)) {
                dialed.close();
            }
        }

        @Override
        public void goingAway() {
            if (upstream != null) {
                upstream.retire();
            }
        }

        @Override
        public void closed(Failure failure) {
            if (upstream == null) {
                outcome.failed(failure);
            } else {
                upstreams.remove(upstream);
                capacityFreed();
            }
        }
    }

    /// What a client is told when the connection to the egress fails.
    public static Refusal refusal(Failure failure) {
        return reason(failure).because("the next hop cannot be reached");
    }

    private static RefusalReason reason(Failure failure) {
        return switch (failure) {
            case UNREACHABLE -> RefusalReason.UPSTREAM_UNREACHABLE;
            case TIMEOUT -> RefusalReason.UPSTREAM_TIMEOUT;
            case TLS -> RefusalReason.UPSTREAM_TLS;
            case PROTOCOL, NO_CREDENTIALS -> RefusalReason.UPSTREAM_PROTOCOL;
            case TERMINATED, RESET -> RefusalReason.UPSTREAM_TERMINATED;
            case NO_STREAM -> RefusalReason.UPSTREAM_FULL;
        };
    }

    /// A tunnel has ended somewhere.
    void capacityFreed() {
        if (!waiting.isEmpty()) {
            serveWaiting();
        }
    }

    /// Tries again for those that wait; each finds room, waits on, or is refused.
    private void serveWaiting() {
        var again = List.copyOf(waiting);
        waiting.clear();
        for (var waiter : again) {
            try {
                lease(waiter.admission(), waiter.then());
            } catch (RuntimeException mistake) {
                // One that fails takes none of the others with it.
                LOGGER.error(
                        "a tunnel request that waited failed: {}", mistake.getClass().getName());
            }
        }
    }

    private void refuseWaiting(Outcome outcome) {
        var refused = List.copyOf(waiting);
        waiting.clear();
        refused.forEach(waiter -> waiter.then().accept(outcome));
    }

    /// How long a tunnel may carry nothing before this hop gives it up: somewhat longer than the
    /// egress, whose word ends tunnels in order.
    public Duration idleTime(TunnelKind kind) {
        return switch (kind) {
            case TCP -> settings.tcpIdle();
            case UDP, BIND -> settings.udpIdle();
        };
    }

    EventLoop loop() {
        return loop;
    }

    UpstreamSettings settings() {
        return settings;
    }

    TunnelListener listener() {
        return dialer.listener();
    }

    /// Closes every connection. On the loop.
    public void close() {
        closed = true;
        List.copyOf(upstreams).forEach(Upstream::close);
        refuseWaiting(unavailable(RefusalReason.DRAINING, "this relay is closing"));
    }
}
