package org.masquerelay.cli.bench;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.bench.Measurement.Company;
import org.masquerelay.cli.bench.Measurement.Quantiles;
import org.masquerelay.token.TokenType;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.TunnelKind;

/// Measures the round trip of a running tunnel in turns: alone, and while the relays are kept busy
/// in each of several ways, such as by asking the ingress for other tunnels.
///
/// All ways have a turn of a second before any has its next one, so that what else the machine does
/// falls on all of them; what is reported is the median over the turns.
final class GateTurns {
    private static final Duration TURN = Duration.ofSeconds(1);

    /// Before a turn counts: what is under way of the turn before it.
    private static final Duration BETWEEN = Duration.ofMillis(200);

    private final String shown;
    private final @Nullable Neighbour asking;
    private final List<Quantiles> turns = new ArrayList<>();
    private long answers;

    private GateTurns(String shown, @Nullable Neighbour asking) {
        this.shown = shown;
        this.asking = asking;
    }

    /// How long [#measure] takes at most.
    static Duration limit(Plan.Timing timing) {
        var turn = TURN.plus(BETWEEN);
        return turn.multipliedBy(4L * turns(timing)).plus(Route.TIMEOUT.multipliedBy(3));
    }

    private static int turns(Plan.Timing timing) {
        return (int) Math.max(1, timing.measured().dividedBy(TURN));
    }

    /// Blocks while it measures. `load` is calm.
    static List<Company> measure(Plan plan, EventLoop loop, UdpLoad load)
            throws IOException, InterruptedException {
        try (var nothing = Asking.withNothing(plan);
                var blindRsa = Asking.withSpent(TokenType.BLIND_RSA, plan);
                var voprf = Asking.withSpent(TokenType.VOPRF, plan)) {
            var ways =
                    List.of(
                            new GateTurns("", null),
                            new GateTurns("nothing", nothing),
                            new GateTurns("token 0x0002", blindRsa),
                            new GateTurns("token 0x0001", voprf));
            for (int i = 0; i < turns(plan.timing()); i++) {
                for (var way : ways) {
                    way.turn(loop, load);
                }
            }
            return ways.stream().map(GateTurns::company).toList();
        }
    }

    /// Measures a tunnel of one tenant alone, alone once more, which shows the noise, and while
    /// another tenant sends more than it may. Blocks.
    static List<Company> ofTenants(Plan plan, EventLoops loops)
            throws IOException, InterruptedException {
        EventLoop loop = loops.all().getFirst();
        try (var route = Route.toIngress(plan, loops, Payment.password(Tenants.CALM));
                var busy = BusyTenant.open(plan)) {
            var tunnel = route.open(TunnelKind.UDP, plan.endpoints().targets().echo());
            var load = UdpLoad.paced(loop, tunnel, plan);
            var ways =
                    List.of(
                            new GateTurns("", null),
                            new GateTurns("nobody", null),
                            new GateTurns("a busy tenant", busy));
            Futures.await(loop.submit(load::start, true), Route.TIMEOUT);
            for (int i = 0; i < turns(plan.timing()); i++) {
                for (var way : ways) {
                    way.turn(loop, load);
                }
            }
            String trouble =
                    Futures.await(
                            Futures.await(loop.submit(load::stop), Route.TIMEOUT), Route.TIMEOUT);
            if (!trouble.isEmpty()) {
                throw new IOException(trouble);
            }
            return ways.stream().map(GateTurns::company).toList();
        }
    }

    private void turn(EventLoop loop, UdpLoad load) throws IOException, InterruptedException {
        if (asking != null) {
            asking.start();
        }
        Thread.sleep(BETWEEN);
        Futures.await(loop.submit(load::measureCalm, true), Route.TIMEOUT);
        Thread.sleep(TURN);
        var roundTrips = Futures.await(loop.submit(load::roundTrips), Route.TIMEOUT);
        if (asking != null) {
            answers += asking.stop();
        }
        if (roundTrips.p50Micros() == 0) { // As a value it would be the best of all turns.
            throw new IOException("no datagram came back within a turn of the gate's measurement");
        }
        turns.add(roundTrips);
    }

    private Company company() {
        double seconds = turns.size() * TURN.plus(BETWEEN).toMillis() / 1000.0;
        return new Company(
                shown,
                answers / seconds,
                ofTurns(0.5, Quantiles::p50Micros),
                ofTurns(0.5, Quantiles::p99Micros),
                ofTurns(0.1, Quantiles::p99Micros),
                ofTurns(0.9, Quantiles::p99Micros));
    }

    /// What `share` of the turns are below.
    private double ofTurns(double share, ToDoubleFunction<Quantiles> figure) {
        double[] sorted = turns.stream().mapToDouble(figure).sorted().toArray();
        return sorted[(int) Math.min(sorted.length - 1, share * sorted.length)];
    }
}
