package org.masquerelay.egress.dial;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.egress.dial.Dialer.Outcome;
import org.masquerelay.tunnel.TunnelStream;

/// Happy Eyeballs (RFC 8305, section 5): connection attempts that start one after the other and run
/// beside each other; the first that succeeds ends the others. Confined to the event loop of the
/// tunnel.
final class ConnectionRace {
    private final List<InetSocketAddress> addresses;
    private final Connector connector;
    private final EventLoop loop;
    private final Duration delay;
    private final long deadlineNanos;
    private final Consumer<Outcome> then;
    private final List<Future<TunnelStream>> running = new ArrayList<>();
    private final DialFailures failures = new DialFailures();
    private int started;
    private boolean over;
    private @Nullable Future<?> nextAttempt;

    /// Makes one attempt.
    interface Connector {
        /// Fails after `timeout`; a future that is cancelled leaves no connection.
        Future<TunnelStream> connect(InetSocketAddress address, Duration timeout);
    }

    /// How long a race takes.
    ///
    /// @param delay between the start of one attempt and that of the next, unless it fails sooner
    /// @param total after which no attempt runs
    record Times(Duration delay, Duration total) {}

    ConnectionRace(
            List<InetSocketAddress> addresses,
            Connector connector,
            EventLoop loop,
            Times times,
            Consumer<Outcome> then) {
        this.addresses = addresses;
        this.connector = connector;
        this.loop = loop;
        this.delay = times.delay();
        this.deadlineNanos = loop.ticker().nanoTime() + times.total().toNanos();
        this.then = then;
    }

    void start() {
        attempt();
    }

    private void attempt() {
        cancelNextAttempt();
        var left = left();
        if (over || !left.isPositive()) {
            return;
        }
        var address = addresses.get(started++);
        var attempt = connector.connect(address, left);
        running.add(attempt);
        if (started < addresses.size()) {
            nextAttempt = loop.schedule(this::attempt, delay.toNanos(), TimeUnit.NANOSECONDS);
        }
        // Last, as it may have failed already.
        attempt.addListener((Future<TunnelStream> done) -> ended(done, address));
    }

    private Duration left() {
        return Duration.ofNanos(deadlineNanos - loop.ticker().nanoTime());
    }

    private void ended(Future<TunnelStream> attempt, InetSocketAddress address) {
        running.remove(attempt);
        if (over) {
            return;
        }
        if (attempt.isSuccess()) {
            over = true;
            cancelNextAttempt();
            List.copyOf(running).forEach(other -> other.cancel(false));
            then.accept(new Outcome.Connected(attempt.getNow(), address));
            return;
        }
        failures.add(address, attempt.cause());
        if (started < addresses.size()) {
            attempt();
        }
        if (!over && running.isEmpty()) {
            over = true;
            cancelNextAttempt();
            then.accept(new Outcome.Failed(failures.refusal()));
        }
    }

    private void cancelNextAttempt() {
        if (nextAttempt != null) {
            nextAttempt.cancel(false);
            nextAttempt = null;
        }
    }
}
