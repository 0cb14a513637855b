package org.masquerelay.cli.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.bench.Plan.Endpoints;
import org.masquerelay.cli.bench.Plan.TargetPorts;
import org.masquerelay.cli.bench.Plan.Watched;
import org.masquerelay.cli.stack.AppProcess;
import org.masquerelay.cli.stack.AppProcess.Launch;
import org.masquerelay.cli.stack.FreePorts;
import org.masquerelay.cli.stack.Ports;
import org.masquerelay.cli.stack.Stack;
import org.masquerelay.cli.stack.Stack.Jars;
import org.masquerelay.cli.stack.Stack.PrivateTargets;
import org.masquerelay.cli.stack.WorkDirectory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Starts relays, targets and load generators, each as a process of its own, and measures one case
/// after the other.
///
/// Only [#close()] may be called by another thread than the one that does the rest.
public final class Bench implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
    private static final Duration TARGETS_START = Duration.ofSeconds(20);
    private static final Duration ORDERLY_STOP = Duration.ofSeconds(5);

    /// For the start of a load generator's Java.
    private static final Duration LOAD_START = Duration.ofSeconds(15);

    /// What the apps allow by default.
    private static final int MIN_TUNNEL_LIMIT = 256;

    private final Settings settings;
    private final Stack stack;
    private final Endpoints endpoints;
    private volatile @Nullable AppProcess targets;
    private volatile @Nullable AppProcess load;

    /// What is measured, and with what.
    ///
    /// @param cli the executable jar of this command line, which targets and load run from
    /// @param directory for certificates and logs; closed with the bench
    /// @param jvmOptions what the relays are started with besides the number of loops
    /// @param versions the HTTP versions that everything is measured over
    /// @param admissions tunnels a second that the ingress is asked for; 0 asks for none
    /// @param tenantRate packets a second that each of two tenants may send; 0 for no tenants
    /// @param loops event loops of each relay
    public record Settings(
            Jars relays,
            Path cli,
            WorkDirectory directory,
            List<Case> cases,
            HopVersions versions,
            Plan.Timing timing,
            int tunnels,
            int window,
            int admissions,
            int tenantRate,
            int loops,
            List<String> jvmOptions) {
        public Settings {
            cases = List.copyOf(cases);
            jvmOptions = List.copyOf(jvmOptions);
        }
    }

    private Bench(Settings settings, Stack stack, Endpoints endpoints) {
        this.settings = settings;
        this.stack = stack;
        this.endpoints = endpoints;
    }

    /// Makes the certificates; nothing runs yet.
    public static Bench prepare(Settings settings) throws IOException {
        var found = FreePorts.find(7);
        var ports = new Ports(found.get(0), found.get(1), found.get(2), found.get(3));
        var stack =
                Stack.prepare(
                        new Stack.Settings(
                                settings.relays(),
                                settings.directory().path(),
                                ports,
                                null,
                                relayOptions(settings),
                                START_TIMEOUT));
        var targets = new TargetPorts(found.get(4), found.get(5), found.get(6));
        var pki = settings.directory().path().resolve("pki").toAbsolutePath();
        return new Bench(
                settings, stack, new Endpoints(pki, ports.ingress(), ports.egress(), targets));
    }

    /// Limits must not be what is measured.
    private static List<String> relayOptions(Settings settings) throws IOException {
        int tunnels = Math.max(MIN_TUNNEL_LIMIT, 2 * settings.tunnels());
        var options = new ArrayList<String>();
        options.add("-Drelay.event-loops=" + settings.loops());
        options.add("-Drelay.max-tunnels-per-connection=" + tunnels);
        options.add("-Drelay.egress.max-tunnels-per-connection=" + tunnels);
        options.add("-Drelay.upstream.pool.max-streams=0");
        options.add("-Drelay.upstream.pool.max-connections=" + tunnels); // HTTP/1.1: one each
        options.add("-Drelay.upstream.transports=" + settings.versions().upstream().tag());
        if (settings.tenantRate() > 0) {
            options.addAll(
                    Tenants.relayOptions(settings.directory().path(), settings.tenantRate()));
        }
        options.addAll(settings.jvmOptions());
        return options;
    }

    /// Measures all cases; tells `progress` which one comes next.
    public Report run(Consumer<String> progress) throws IOException, InterruptedException {
        startTargets();
        if (settings.cases().stream().anyMatch(c -> c.hops() > 0)) {
            stack.start(PrivateTargets.ALLOWED);
        }
        var all = new ArrayList<Figures>();
        for (var next : settings.cases()) {
            progress.accept(next.name());
            all.add(Figures.of(measure(next)));
        }
        var report = new Report(settings.versions(), all);
        settings.directory().succeeded(report.ok());
        return report;
    }

    private void startTargets() throws IOException, InterruptedException {
        var process = AppProcess.start(launch(Roles.TARGETS, LoadArguments.targets(endpoints)));
        targets = process;
        process.awaitReady(() -> accepts(endpoints.targets().source()), TARGETS_START);
    }

    private static boolean accepts(int port) {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Measurement measure(Case next) throws InterruptedException {
        Path result = settings.directory().path().resolve(next.name() + ".json");
        try {
            Files.deleteIfExists(result);
            var plan =
                    new Plan(
                            next,
                            endpoints,
                            settings.versions().client(),
                            settings.timing(),
                            settings.tunnels(),
                            settings.window(),
                            settings.admissions(),
                            settings.tenantRate(),
                            watched(next));
            var process = AppProcess.start(launch(Roles.LOAD, LoadArguments.load(plan, result)));
            load = process;
            try (process) {
                process.awaitSuccess(LOAD_START.plus(LoadRun.limit(settings.timing())));
            }
            return JsonMapper.shared().readValue(Files.readString(result), Measurement.class);
        } catch (IOException | JacksonException e) {
            return Measurement.failed(next, String.valueOf(e.getMessage()));
        }
    }

    private List<Watched> watched(Case next) {
        var watched = new ArrayList<Watched>();
        if (next.hops() > 0) {
            for (var relay : stack.running()) {
                if (next.hops() > 1 || relay.name().equals(Roles.EGRESS)) {
                    watched.add(new Watched(relay.name(), relay.pid()));
                }
            }
        }
        var behind = targets;
        if (behind != null) {
            watched.add(new Watched(Roles.TARGETS, behind.pid()));
        }
        return watched;
    }

    private Launch launch(String name, List<String> arguments) {
        // The serial collector has no threads of its own that would take the relays' processors.
        return new Launch(
                name,
                settings.cli(),
                settings.directory().path().resolve(name + ".log"),
                List.of("-XX:+UseSerialGC"),
                arguments,
                ORDERLY_STOP);
    }

    public Path directory() {
        return settings.directory().path();
    }

    @Override
    public void close() {
        stop(load);
        stack.close();
        stop(targets);
        settings.directory().close();
    }

    private static void stop(@Nullable AppProcess process) {
        if (process != null) {
            process.close();
        }
    }
}
