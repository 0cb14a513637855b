package org.masquerelay.ingress.upstream;

import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.gate.Admission;
import org.masquerelay.http.RelayConnection;
import org.masquerelay.transport.TlsMaterial;

/// One connection to an egress and the tunnels leased on it. Confined to the event loop of the
/// pool.
final class Upstream {
    private final EgressConnections pool;
    private final TlsMaterial tls;
    private final long born;
    private final RelayConnection connection;
    private @Nullable Future<?> idleTimer;
    private int leased;
    private long everLeased;
    private boolean retired;
    private boolean lost;

    Upstream(EgressConnections pool, TlsMaterial tls, RelayConnection connection, long nanoTime) {
        this.pool = pool;
        this.tls = tls;
        this.connection = connection;
        this.born = nanoTime;
    }

    RelayConnection connection() {
        return connection;
    }

    /// Whether it can take one more tunnel now.
    boolean canTake(TlsMaterial wanted, UpstreamSettings settings) {
        return !retired
                && connection.isUp()
                && tls.equals(wanted)
                && (settings.maxStreams() == 0 || leased < settings.maxStreams())
                && connection.streamsLeft() > 0;
    }

    Lease lease(Admission admission) {
        boolean reused = everLeased > 0;
        leased++;
        everLeased++;
        retired |= !pool.settings().pooled(); // Without pooling, this tunnel has it to itself.
        cancelIdleTimer();
        pool.listener().upstreamStreams(1);
        return new Lease(this, admission, reused);
    }

    void release() {
        leased--;
        pool.listener().upstreamStreams(-1);
        closeIfDrained();
        pool.capacityFreed();
    }

    /// Whether it has carried enough, or is old enough, to make room for a new one.
    boolean isWorn(UpstreamSettings settings, TlsMaterial wanted, long nanoTime) {
        return everLeased >= settings.maxTunnelsPerLifetime()
                || nanoTime - born >= settings.maxAge().toNanos()
                || !tls.equals(wanted);
    }

    /// Takes no further tunnels, and closes once those it has are over.
    void retire() {
        retired = true;
        closeIfDrained();
    }

    /// It was lost with requests on it, each of which says so.
    void lost() {
        retire();
        if (!lost) {
            lost = true;
            pool.lost();
        }
    }

    /// Whether it is connected and takes tunnels.
    boolean isUp() {
        return !retired && connection.isUp();
    }

    boolean isRetired() {
        return retired;
    }

    private void closeIfDrained() {
        if (leased == 0 && retired) {
            close();
        } else if (leased == 0 && isUp()) {
            startIdleTimer(pool.settings().idleTimeout());
        }
    }

    void startIdleTimer(Duration timeout) {
        cancelIdleTimer();
        idleTimer = pool.loop().schedule(this::retire, timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void cancelIdleTimer() {
        if (idleTimer != null) {
            idleTimer.cancel(false);
            idleTimer = null;
        }
    }

    void close() {
        cancelIdleTimer();
        connection.close();
    }
}
