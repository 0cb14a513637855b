package org.masquerelay.cli.proxy;

import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.masquerelay.cli.token.PaidTunnels;
import org.masquerelay.cli.token.RelayConnection;
import org.masquerelay.cli.token.TokenFetcher;
import org.masquerelay.cli.token.TokenStock;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// One connection to the relay, and how many tunnels are on it. Once retired it takes no further
/// ones, and is closed after the last.
final class RelayLink {
    /// Tokens kept ahead: about what a browser opens for one page.
    private static final int STOCK = 8;

    /// So that the last bytes of the last tunnel are on their way.
    private static final Executor A_LITTLE_LATER =
            CompletableFuture.delayedExecutor(2, TimeUnit.SECONDS, Thread::startVirtualThread);

    private static final byte[] NOTHING = {};

    private final RelayConnection connection;
    private final PaidTunnels tunnels;
    private final ReentrantLock lock = new ReentrantLock();
    private int leases;
    private boolean retired;
    private boolean closed;

    /// @param origin where the relay is reached, for the URIs of its token issuer
    RelayLink(RelayConnection connection, HostPort origin) {
        this.connection = connection;
        var fetcher = new TokenFetcher(connection, origin, Clock.systemUTC());
        tunnels = new PaidTunnels(connection, new TokenStock(fetcher, STOCK));
    }

    /// Claims the connection for one more tunnel; false when it has been retired.
    boolean lease() {
        lock.lock();
        try {
            leases += retired ? 0 : 1;
            return !retired;
        } finally {
            lock.unlock();
        }
    }

    /// For who has leased it; the tunnel ends the lease, a failure does not.
    TcpTunnel openTcp(HostPort target) throws IOException {
        return new LeasedTcpTunnel(tunnels.openTcp(target), new Lease(this::release));
    }

    /// For who has leased it; the tunnel ends the lease, a failure does not.
    UdpTunnel openUdp(HostPort target) throws IOException {
        return new LeasedUdpTunnel(tunnels.openUdp(target), new Lease(this::release));
    }

    /// Whether the relay still takes requests on it: then it was only one that failed.
    boolean answers() {
        try {
            connection.request("GET", "/", HeaderFields.NONE, NOTHING);
            return true;
        } catch (IOException | RejectedExecutionException _) {
            return false;
        }
    }

    void release() {
        lock.lock();
        try {
            leases--;
            closeIfDone();
        } finally {
            lock.unlock();
        }
    }

    void retire() {
        lock.lock();
        try {
            if (!retired) {
                retired = true;
                closeIfDone();
            }
        } finally {
            lock.unlock();
        }
    }

    private void closeIfDone() {
        if (retired && leases == 0) {
            A_LITTLE_LATER.execute(this::close);
        }
    }

    /// Ends all tunnels at once.
    void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            retired = true;
        } finally {
            lock.unlock();
        }
        connection.close();
    }
}
