package org.masquerelay.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.cli.bench.Measurement.Datagrams;
import org.masquerelay.cli.bench.Measurement.Quantiles;
import org.masquerelay.cli.bench.Plan.Endpoints;
import org.masquerelay.cli.bench.Plan.TargetPorts;
import org.masquerelay.cli.bench.Plan.Watched;
import org.masquerelay.cli.stack.FreePorts;
import org.masquerelay.tunnel.HttpVersion;
import picocli.CommandLine;

final class LoadRunTest {
    private static final Quantiles NONE = new Quantiles(0, 0);

    @ParameterizedTest
    @ValueSource(strings = {"udp-64-0", "tcp-up-0", "tcp-down-0"})
    void carriesTrafficWithoutRelays(String name) throws IOException, InterruptedException {
        var ports = FreePorts.find(3);
        var targets = new TargetPorts(ports.get(0), ports.get(1), ports.get(2));
        var plan = plan(name, targets, List.of());
        try (var _ = Targets.start(targets)) {
            var measurement = LoadRun.run(plan);

            assertThat(measurement.trouble()).isEmpty();
            assertThat(measurement.name()).isEqualTo(name);
            assertThat(measurement.bytes()).isPositive();
            assertThat(measurement.datagrams() != null).isEqualTo(name.startsWith("udp"));
        }
    }

    @Test
    void mistrustsLossDamageAndSilence() {
        assertThat(LoadRun.troubleWith(0, null)).contains("nothing");
        assertThat(LoadRun.troubleWith(1, null)).isEmpty();
        assertThat(LoadRun.troubleWith(1, new Datagrams(99, 1, 0, 0, NONE, NONE))).isEmpty();
        assertThat(LoadRun.troubleWith(1, new Datagrams(94, 6, 0, 0, NONE, NONE))).contains("lost");
        assertThat(LoadRun.troubleWith(1, new Datagrams(99, 0, 0, 1, NONE, NONE)))
                .contains("damaged");
    }

    @Test
    void planSurvivesTheWayBetweenProcesses() {
        var plan = plan("udp-1200-2", new TargetPorts(7, 8, 9), List.of(new Watched("egress", 42)));
        var words = LoadArguments.load(plan, Path.of("result.json"));
        var parsed = new LoadArguments();
        new CommandLine(parsed)
                .setUnmatchedArgumentsAllowed(true)
                .parseArgs(words.subList(1, words.size()).toArray(String[]::new));

        assertThat(words.getFirst()).isEqualTo(LoadArguments.LOAD_COMMAND);
        assertThat(parsed.plan()).isEqualTo(plan);
    }

    private static Plan plan(String name, TargetPorts targets, List<Watched> watched) {
        return new Plan(
                Case.named(name).orElseThrow(),
                new Endpoints(Path.of("pki"), 1, 2, targets),
                HttpVersion.H2,
                new Plan.Timing(Duration.ofMillis(100), Duration.ofMillis(200)),
                2,
                32,
                500,
                2000,
                watched);
    }
}
