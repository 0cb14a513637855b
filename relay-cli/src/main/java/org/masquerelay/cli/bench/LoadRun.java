package org.masquerelay.cli.bench;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.bench.Measurement.Company;
import org.masquerelay.cli.bench.Measurement.Datagrams;
import org.masquerelay.cli.bench.Measurement.ProcessCpu;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelStream;

/// Carries out one [Plan]: opens the tunnels, warms up, measures, and checks what came.
public final class LoadRun {
    /// Until what is under way has arrived when the window shrinks to one datagram.
    private static final Duration SETTLING = Duration.ofMillis(700);

    /// Enough for some ten thousand round trips on an idle machine.
    private static final Duration CALM = Duration.ofSeconds(2);

    /// For what is still under way when sending stops.
    private static final Duration STOPPING = Duration.ofSeconds(20);

    private static final double MAX_LOSS = 0.05;

    private LoadRun() {}

    /// How long a run takes at most, without the start of the process.
    static Duration limit(Plan.Timing timing) {
        return timing.warmup()
                .plus(timing.measured())
                .plus(SETTLING)
                .plus(CALM)
                .plus(GateTurns.limit(timing))
                .plus(STOPPING)
                .plus(Route.TIMEOUT.multipliedBy(3));
    }

    public static Measurement run(Plan plan) throws IOException, InterruptedException {
        try (var loops = EventLoops.start(1);
                var route = Route.over(plan, loops)) {
            EventLoop loop = loops.all().getFirst();
            Workload load = workload(plan, route, loop);
            on(loop, load::start);
            Thread.sleep(plan.timing().warmup());
            on(loop, load::measure);
            Sample start = sample(plan, loop, load);
            Thread.sleep(plan.timing().measured());
            Sample end = sample(plan, loop, load);
            on(loop, load::calm);
            if (plan.measured().traffic().isUdp()) {
                Thread.sleep(SETTLING);
                on(loop, load::measureCalm);
                Thread.sleep(CALM);
            }
            List<Company> gate = List.of();
            Datagrams datagrams = Futures.await(loop.submit(load::datagrams), Route.TIMEOUT);
            if (load instanceof UdpLoad udp && plan.asksForAdmissions()) {
                gate = GateTurns.measure(plan, loop, udp);
            }
            var stopped = Futures.await(loop.submit(load::stop), Route.TIMEOUT);
            String trouble = Futures.await(stopped, STOPPING);
            if (plan.hasTenants()) {
                gate = GateTurns.ofTenants(plan, loops);
            }
            return measurement(plan, start, end, datagrams, gate, trouble);
        }
    }

    private static Workload workload(Plan plan, Route route, EventLoop loop) throws IOException {
        var targets = plan.endpoints().targets();
        return switch (plan.measured().traffic()) {
            case UDP -> {
                var tunnels = new ArrayList<TunnelStream>();
                for (int i = 0; i < plan.tunnels(); i++) {
                    tunnels.add(route.open(TunnelKind.UDP, targets.echo()));
                }
                yield new UdpLoad(loop, tunnels, plan);
            }
            case TCP_UP -> new TcpUpLoad(route.open(TunnelKind.TCP, targets.sink()));
            case TCP_DOWN -> new TcpDownLoad(route.open(TunnelKind.TCP, targets.source()));
        };
    }

    private static void on(EventLoop loop, Runnable step) throws IOException {
        Futures.await(loop.submit(step, true), Route.TIMEOUT);
    }

    /// The state of everything at one moment.
    private record Sample(long nanos, long delivered, List<CpuClock.Usage> cpu) {}

    private static Sample sample(Plan plan, EventLoop loop, Workload load) throws IOException {
        var cpu = new ArrayList<CpuClock.Usage>();
        for (var process : plan.watched()) {
            cpu.add(CpuClock.read(process.pid()));
        }
        long delivered = Futures.await(loop.submit(load::delivered), Route.TIMEOUT);
        return new Sample(System.nanoTime(), delivered, cpu);
    }

    private static Measurement measurement(
            Plan plan,
            Sample start,
            Sample end,
            @Nullable Datagrams datagrams,
            List<Company> gate,
            String trouble) {
        var cpu = new ArrayList<ProcessCpu>();
        for (int i = 0; i < plan.watched().size(); i++) {
            var used = end.cpu().get(i).since(start.cpu().get(i));
            cpu.add(new ProcessCpu(plan.watched().get(i).role(), used.total(), used.loops()));
        }
        long bytes = end.delivered() - start.delivered();
        return new Measurement(
                plan.measured().name(),
                (end.nanos() - start.nanos()) / 1e9,
                bytes,
                datagrams,
                cpu,
                gate,
                trouble.isEmpty() ? troubleWith(bytes, datagrams) : trouble);
    }

    /// Why figures without an accident are still not to be trusted.
    static String troubleWith(long bytes, @Nullable Datagrams datagrams) {
        if (bytes <= 0) {
            return "nothing arrived";
        }
        if (datagrams == null) {
            return "";
        }
        if (datagrams.damaged() > 0) {
            return datagrams.damaged() + " datagrams came back damaged";
        }
        return datagrams.lossRatio() > MAX_LOSS ? "more than five per cent was lost" : "";
    }
}
