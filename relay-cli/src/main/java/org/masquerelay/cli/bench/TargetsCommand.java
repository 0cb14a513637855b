package org.masquerelay.cli.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The targets: a process that [Bench] starts, and ends.
@Command(name = LoadArguments.TARGETS_COMMAND, hidden = true, description = "Part of bench.")
public final class TargetsCommand implements Callable<Integer> {
    @Option(names = "--targets", required = true, split = ",")
    private List<Integer> ports = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var _ = Targets.start(LoadArguments.targetPorts(ports))) {
            new CountDownLatch(1).await(); // until the process is told to end
            return 0;
        }
    }
}
