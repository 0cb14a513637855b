package org.masquerelay.ingress.upstream;

import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.http.RelayDialer;
import org.masquerelay.http.TestFront;
import org.masquerelay.ingress.directory.Egress;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.fleet.FleetSettings;
import org.masquerelay.ingress.fleet.FleetSettings.Ejection;
import org.masquerelay.ingress.fleet.FleetSettings.Sticky;
import org.masquerelay.testkit.CountingListener;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.wire.HostPort;

/// A pool of one event loop with the standard settings, and the one egress it leads to, ejected by
/// its first failure.
public final class UpstreamFixture implements AutoCloseable {
    private final EventLoops loops = EventLoops.start(1);
    private final Fleet fleet =
            new Fleet(
                    new FleetSettings(
                            Sticky.NONE,
                            2,
                            Duration.ofSeconds(1),
                            new Ejection(1, Duration.ofSeconds(30), Duration.ofSeconds(30), 1)),
                    Ticker.systemTicker(),
                    new Random());
    private final RelayDialer dialer =
            new RelayDialer(
                    new RelayDialer.Parts(
                            loops,
                            TestFront::clientTls,
                            ConnectionSettings.STANDARD,
                            CapsulePolicy.STANDARD,
                            new CountingListener()));
    private final EgressPool pool;

    public UpstreamFixture(InetSocketAddress egress) {
        this(egress, TestFront::clientTls);
    }

    /// @param tls asked for with each lease
    UpstreamFixture(InetSocketAddress egress, Supplier<TlsMaterial> tls) {
        var origin = new HostPort("localhost", egress.getPort());
        fleet.replace(List.of(new Egress("egress", origin, Optional.of(egress), 0, 1)));
        pool =
                new EgressPool(
                        loops.all().getFirst(),
                        UpstreamSettings.STANDARD,
                        dialer,
                        tls,
                        fleet,
                        Ticker.systemTicker());
    }

    public EventLoops loops() {
        return loops;
    }

    public Fleet fleet() {
        return fleet;
    }

    public EgressPool pool() {
        return pool;
    }

    /// Does this on the loop of the pool, and waits for it.
    public void onLoop(Runnable action) {
        loops.all().getFirst().submit(action).syncUninterruptibly();
    }

    @Override
    public void close() {
        onLoop(pool::close);
        dialer.close();
        loops.close();
    }
}
