package org.masquerelay.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.masquerelay.cli.bench.Bench;
import org.masquerelay.cli.bench.Case;
import org.masquerelay.cli.bench.HopVersions;
import org.masquerelay.cli.bench.Plan;
import org.masquerelay.cli.bench.Report;
import org.masquerelay.cli.stack.Stack.Jars;
import org.masquerelay.cli.stack.WorkDirectory;
import org.masquerelay.tunnel.HttpVersion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Measures what a relay carries and what it costs.
@Command(
        name = "bench",
        description = {
            "Measures speed, loss and CPU cost over zero, one and two hops on this machine.",
            "Every relay, the targets and the load generator are processes of their own."
        })
final class BenchCommand implements Callable<Integer> {
    private static final int MAX_SECONDS = 600;
    private static final int MAX_TUNNELS = 1000;
    private static final int MAX_WINDOW = 100_000;
    private static final int MAX_ADMISSIONS = 10_000;
    private static final int MAX_TENANT_RATE = 100_000;
    private static final int MAX_LOOPS = 256;

    private final Console console;

    @Option(names = "--json", description = "Print one JSON object instead of a table.")
    private boolean json;

    @Option(
            names = "--only",
            paramLabel = "CASE",
            split = ",",
            description =
                    "Cases to measure, such as udp-1200-2, or all of a kind: udp, udp-1200, tcp-up,"
                            + " or by hops: 2 (default: all).")
    private List<String> only = List.of();

    @Option(
            names = "--transport",
            paramLabel = "VERSION",
            converter = HttpVersions.class,
            description = "HTTP version by which the first relay is reached: h3, h2 or h1 (h3).")
    private HttpVersion transport = HttpVersion.H3;

    @Option(
            names = "--upstream",
            paramLabel = "VERSION",
            converter = HttpVersions.class,
            description = "HTTP version between the two relays: h3, h2 or h1 (h3).")
    private HttpVersion upstream = HttpVersion.H3;

    @Option(names = "--seconds", paramLabel = "N", description = "Measure each for so long (5).")
    private int seconds = 5;

    @Option(names = "--warmup", paramLabel = "N", description = "Warm each up for so long (5).")
    private int warmup = 5;

    @Option(names = "--tunnels", paramLabel = "N", description = "UDP tunnels at a time (1).")
    private int tunnels = 1;

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "Datagrams under way at a time, over all tunnels (256).")
    private int window = 256;

    @Option(
            names = "--admissions",
            paramLabel = "N",
            description =
                    "Also measure what a running UDP tunnel over two hops feels of the gate: round"
                            + " trips while the ingress is asked for so many tunnels a second (0)."
                            + " Takes --seconds for each of four: alone, requests without a token,"
                            + " with a token of type 2 and of type 1 that is verified and then"
                            + " found spent. Not with --transport h1.")
    private int admissions;

    @Option(
            names = "--tenants",
            paramLabel = "N",
            description =
                    "With 2: also measure what a tunnel over two hops feels of another tenant: round"
                            + " trips alone, alone once more, and while the other tenant sends twice"
                            + " what it may. Takes --seconds for each of three; not with"
                            + " --admissions.")
    private int tenants = 1;

    @Option(
            names = "--tenant-rate",
            paramLabel = "N",
            description = "Datagrams a second that each of --tenants may send (500).")
    private int tenantRate = 500;

    @Option(names = "--loops", paramLabel = "N", description = "Event loops of each relay (1).")
    private int loops = 1;

    @Option(
            names = "--jvm",
            paramLabel = "FLAG",
            description =
                    "A flag for the Java of the relays; may be repeated. '%%p' becomes the process"
                            + " id in -XX:StartFlightRecording=filename=relay-%%p.jfr.")
    private List<String> jvmOptions = List.of();

    BenchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandFailure, IOException, InterruptedException {
        var settings = settings();
        try (var bench = Bench.prepare(settings);
                var _ = AtExit.run(bench::close)) {
            console.err().println("relay bench: about " + minutes(settings) + " ...");
            Report report =
                    bench.run(name -> console.err().println("relay bench: measuring " + name));
            console.out().print(json ? report.json() + '\n' : report.text());
            console.out().flush();
            if (report.ok()) {
                return ExitStatus.SUCCESS;
            }
            throw CommandFailure.failed(
                    "not everything could be measured; the logs are in " + bench.directory());
        }
    }

    private static String minutes(Bench.Settings settings) {
        var each = settings.timing().warmup().plus(settings.timing().measured()).plusSeconds(5);
        var all = each.multipliedBy(settings.cases().size()).plusSeconds(20);
        var gates = settings.cases().stream().filter(Case::hasGate).count();
        if (settings.admissions() > 0 || settings.tenantRate() > 0) {
            all = all.plus(settings.timing().measured().multipliedBy(5 * gates));
        }
        return all.toMinutes() + 1 + " min";
    }

    private Bench.Settings settings() throws CommandFailure, IOException {
        check("--seconds", seconds, MAX_SECONDS);
        check("--warmup", warmup, MAX_SECONDS);
        check("--tunnels", tunnels, MAX_TUNNELS);
        check("--window", window, MAX_WINDOW);
        check("--loops", loops, MAX_LOOPS);
        if (admissions != 0) {
            check("--admissions", admissions, MAX_ADMISSIONS);
            if (transport == HttpVersion.H1) {
                throw CommandFailure.misused("--admissions needs --transport h3 or h2");
            }
        }
        check("--tenants", tenants, 2);
        check("--tenant-rate", tenantRate, MAX_TENANT_RATE);
        if (tenants > 1 && admissions > 0) {
            throw CommandFailure.misused("--tenants and --admissions are measured one by one");
        }
        if (window < tunnels) {
            throw CommandFailure.misused("--window must be at least --tunnels");
        }
        var cases = Case.matching(only);
        if (cases.isEmpty()) {
            throw CommandFailure.misused(
                    "no such case; there are "
                            + String.join(", ", Case.all().stream().map(Case::name).toList()));
        }
        var checkout = Checkout.here();
        return new Bench.Settings(
                new Jars(checkout.ingressJar(), checkout.egressJar()),
                checkout.cliJar(),
                WorkDirectory.make("relay-bench-"),
                cases,
                new HopVersions(transport, upstream),
                new Plan.Timing(Duration.ofSeconds(warmup), Duration.ofSeconds(seconds)),
                tunnels,
                window,
                admissions,
                tenants > 1 ? tenantRate : 0,
                loops,
                jvmOptions);
    }

    private static void check(String option, int value, int max) throws CommandFailure {
        if (value < 1 || value > max) {
            throw CommandFailure.misused(option + " must be from 1 to " + max);
        }
    }
}
