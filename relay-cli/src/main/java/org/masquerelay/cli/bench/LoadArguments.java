package org.masquerelay.cli.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.cli.bench.Plan.Endpoints;
import org.masquerelay.cli.bench.Plan.TargetPorts;
import org.masquerelay.cli.bench.Plan.Timing;
import org.masquerelay.cli.bench.Plan.Watched;
import org.masquerelay.tunnel.HttpVersion;
import picocli.CommandLine.Option;

/// A [Plan] as options of a command line, both ways.
final class LoadArguments {
    static final String LOAD_COMMAND = "bench-load";
    static final String TARGETS_COMMAND = "bench-targets";

    @Option(names = "--case", required = true)
    private String name = "";

    @Option(names = "--pki", required = true)
    private Path pki = Path.of("");

    @Option(names = "--ingress", required = true)
    private int ingress;

    @Option(names = "--egress", required = true)
    private int egress;

    @Option(names = "--targets", required = true, split = ",")
    private List<Integer> targets = List.of();

    @Option(names = "--transport", required = true)
    private HttpVersion transport = HttpVersion.H3;

    @Option(names = "--warmup", required = true)
    private Duration warmup = Duration.ZERO;

    @Option(names = "--measured", required = true)
    private Duration measured = Duration.ZERO;

    @Option(names = "--tunnels", required = true)
    private int tunnels;

    @Option(names = "--window", required = true)
    private int window;

    @Option(names = "--admissions", required = true)
    private int admissions;

    @Option(names = "--tenant-rate", required = true)
    private int tenantRate;

    @Option(names = "--watch")
    private List<String> watched = List.of();

    static List<String> targets(Endpoints endpoints) {
        return List.of(TARGETS_COMMAND, "--targets=" + ports(endpoints.targets()));
    }

    static List<String> load(Plan plan, Path result) {
        var endpoints = plan.endpoints();
        var arguments =
                new ArrayList<>(
                        List.of(
                                LOAD_COMMAND,
                                "--case=" + plan.measured().name(),
                                "--pki=" + endpoints.pki(),
                                "--ingress=" + endpoints.ingress(),
                                "--egress=" + endpoints.egress(),
                                "--targets=" + ports(endpoints.targets()),
                                "--transport=" + plan.transport(),
                                "--warmup=" + plan.timing().warmup(),
                                "--measured=" + plan.timing().measured(),
                                "--tunnels=" + plan.tunnels(),
                                "--window=" + plan.window(),
                                "--admissions=" + plan.admissions(),
                                "--tenant-rate=" + plan.tenantRate(),
                                "--result=" + result));
        plan.watched().forEach(w -> arguments.add("--watch=" + w.role() + ":" + w.pid()));
        return arguments;
    }

    private static String ports(TargetPorts ports) {
        return ports.echo() + "," + ports.sink() + "," + ports.source();
    }

    Plan plan() {
        var wanted =
                Case.named(name).orElseThrow(() -> new IllegalArgumentException("no case " + name));
        return new Plan(
                wanted,
                new Endpoints(pki, ingress, egress, targetPorts(targets)),
                transport,
                new Timing(warmup, measured),
                tunnels,
                window,
                admissions,
                tenantRate,
                watched.stream().map(LoadArguments::watched).toList());
    }

    static TargetPorts targetPorts(List<Integer> ports) {
        if (ports.size() != 3) {
            throw new IllegalArgumentException("ports: " + ports.size() + " (expected: 3)");
        }
        return new TargetPorts(ports.get(0), ports.get(1), ports.get(2));
    }

    private static Watched watched(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("watch: " + text + " (expected: ROLE:PID)");
        }
        return new Watched(text.substring(0, colon), Long.parseLong(text.substring(colon + 1)));
    }
}
