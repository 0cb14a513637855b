package org.masquerelay.boot.ops;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.masquerelay.boot.config.ListenerUnavailableException;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HttpVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/// Starts the relay last and stops it first: while its tunnels drain, the management port still
/// answers.
public final class RelayLifecycle implements SmartLifecycle {
    /// How long closing may take once the drain is over.
    public static final Duration CLOSING = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(RelayLifecycle.class);

    private final RunningRelay.Starter starter;
    private final List<FrontSettings> fronts;
    private final Drain drain;
    private final Duration drainTimeout;
    private final Clock clock;
    private volatile @Nullable RunningRelay relay;

    public RelayLifecycle(
            RunningRelay.Starter starter,
            List<FrontSettings> fronts,
            Drain drain,
            Duration drainTimeout,
            Clock clock) {
        this.starter = starter;
        this.fronts = List.copyOf(fronts);
        this.drain = drain;
        this.drainTimeout = drainTimeout;
        this.clock = clock;
    }

    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }

    @Override
    public void start() {
        try {
            var started = starter.start();
            relay = started;
            LOG.info("Listening: {}", names(started.addresses()));
        } catch (BindException e) {
            var wanted = fronts.stream().map(FrontSettings::address).toList();
            throw new ListenerUnavailableException(names(wanted), e);
        } catch (IOException e) {
            throw new UncheckedIOException("The relay cannot start", e);
        }
    }

    /// Drains in a thread of its own, so that nothing else waits for it.
    @Override
    public void stop(Runnable whenStopped) {
        Thread.ofVirtual()
                .name("relay-drain")
                .start(() -> {
                    try {
                        stop();
                    } finally {
                        whenStopped.run();
                    }
                });
    }

    @Override
    public void stop() {
        var running = relay;
        if (running == null) {
            return;
        }
        var now = clock.instant();
        try {
            var left = timeLeft(drain.stop(now, "shutdown"), now);
            LOG.info("Draining {} tunnels for at most {}", running.activeTunnels(), left);
            running.awaitTunnels(left);
            sayWhatIsLeft(running.activeTunnels());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running.close();
            relay = null;
        }
    }

    private static void sayWhatIsLeft(int tunnels) {
        if (tunnels > 0) {
            LOG.warn("The drain is over, ending {} tunnels", tunnels);
        }
    }

    /// When a relay that stops ends the tunnels which are left of a drain.
    public Instant deadline(Drain.Draining draining) {
        return draining.since().plus(drainTimeout);
    }

    /// How long until then; nothing once it is over.
    public Duration timeLeft(Drain.Draining draining) {
        return timeLeft(draining, clock.instant());
    }

    private Duration timeLeft(Drain.Draining draining, Instant now) {
        var left = Duration.between(now, deadline(draining));
        return left.isNegative() ? Duration.ZERO : left;
    }

    @Override
    public boolean isRunning() {
        return relay != null;
    }

    public int activeTunnels() {
        var running = relay;
        return running == null ? 0 : running.activeTunnels();
    }

    /// Those that clients came for to one listener.
    public int activeTunnels(String listener) {
        var running = relay;
        return running == null ? 0 : running.activeTunnels(listener);
    }

    /// Where the listeners are bound; empty while the relay does not run.
    public List<InetSocketAddress> addresses() {
        var running = relay;
        return running == null ? List.of() : running.addresses();
    }

    private String names(List<InetSocketAddress> addresses) {
        var names = new java.util.ArrayList<String>();
        for (int i = 0; i < Math.min(fronts.size(), addresses.size()); i++) {
            var front = fronts.get(i);
            names.add("%s on %s %s".formatted(front.name(), protocols(front), addresses.get(i)));
        }
        return names.stream().collect(Collectors.joining(", "));
    }

    private static String protocols(FrontSettings front) {
        if (!front.versions().contains(HttpVersion.H3)) {
            return "TCP";
        }
        return front.versions().size() == 1 ? "UDP" : "UDP and TCP";
    }
}
