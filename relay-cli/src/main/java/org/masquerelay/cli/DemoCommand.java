package org.masquerelay.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.masquerelay.cli.demo.Demo;
import org.masquerelay.cli.demo.Report;
import org.masquerelay.cli.stack.Stack.Jars;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Shows a whole relay at work.
@Command(
        name = "demo",
        description = {
            "Shows a whole relay at work.",
            "Starts a relay of two hops and targets behind it, on free ports of this machine,"
                    + " tunnels through it, tries what it has to refuse, and says what came back."
        })
final class DemoCommand implements Callable<Integer> {
    /// For everything; a run takes a fraction of it.
    private static final Duration LIMIT = Duration.ofMinutes(4);

    private final Console console;

    @Option(names = "--json", description = "Print one JSON object instead of a table.")
    private boolean json;

    DemoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandFailure, IOException, InterruptedException {
        var checkout = Checkout.here();
        try (var demo = Demo.prepare(new Jars(checkout.ingressJar(), checkout.egressJar()));
                var _ = AtExit.run(demo::close)) {
            console.err().println("relay demo: starting an egress and an ingress ...");
            Report report = runWithin(LIMIT, demo);
            console.out().print(json ? report.json() + '\n' : report.text(console.colours()));
            console.out().flush();
            if (report.ok()) {
                return ExitStatus.SUCCESS;
            }
            throw CommandFailure.failed(
                    "not everything was as expected; the logs are in " + demo.directory());
        }
    }

    private static Report runWithin(Duration limit, Demo demo)
            throws CommandFailure, IOException, InterruptedException {
        var task = new FutureTask<>(demo::run);
        Thread thread = Thread.ofPlatform().name("demo").daemon().start(task);
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            throw CommandFailure.failed(
                    "not done within %d s; the logs are in %s"
                            .formatted(limit.toSeconds(), demo.directory()));
        } catch (ExecutionException e) {
            var cause = e.getCause();
            throw CommandFailure.failed(
                    Failures.textOf(cause == null ? e : cause)
                            + "; the logs are in "
                            + demo.directory());
        }
    }
}
