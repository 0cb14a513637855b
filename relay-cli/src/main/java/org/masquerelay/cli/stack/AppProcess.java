package org.masquerelay.cli.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// One app of the relay as a child process, which writes its output to a log file.
public final class AppProcess implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration KILLED_WITHIN = Duration.ofSeconds(5);

    private final Launch launch;
    private final Process process;

    private AppProcess(Launch launch, Process process) {
        this.launch = launch;
        this.process = process;
    }

    /// What to start.
    ///
    /// @param log appended to, so that a restart keeps what the first process wrote
    /// @param orderlyStop how long the process may take to stop once asked
    public record Launch(
            String name,
            Path jar,
            Path log,
            List<String> jvmOptions,
            List<String> arguments,
            Duration orderlyStop) {
        public Launch {
            jvmOptions = List.copyOf(jvmOptions);
            arguments = List.copyOf(arguments);
        }
    }

    /// Starts it on the Java that runs this program.
    public static AppProcess start(Launch launch) throws IOException {
        if (!Files.isRegularFile(launch.jar())) {
            throw new IOException(
                    launch.jar() + " is missing: build it with ./mvnw -DskipTests package");
        }
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.addAll(launch.jvmOptions());
        command.add("-jar");
        command.add(launch.jar().toString());
        command.addAll(launch.arguments());
        var builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(launch.log().toFile()));
        Process process = builder.start();
        process.getOutputStream().close();
        return new AppProcess(launch, process);
    }

    /// Waits until `ready` holds while the process lives: what answers after its end is another
    /// one.
    ///
    /// @throws IOException when the process ends before, or does not become ready in time
    public void awaitReady(BooleanSupplier ready, Duration timeout)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (!(ready.getAsBoolean() && process.isAlive())) {
            if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(
                        "the %s ended with exit code %d while starting; its log is %s"
                                .formatted(launch.name(), process.exitValue(), launch.log()));
            }
            if (System.nanoTime() - start > timeout.toNanos()) {
                throw new IOException(
                        "the %s was not ready within %d s; its log is %s"
                                .formatted(launch.name(), timeout.toSeconds(), launch.log()));
            }
        }
    }

    /// Waits until the process has done its work and ended by itself.
    ///
    /// @throws IOException when it says that it has failed, or does not end in time
    public void awaitSuccess(Duration timeout) throws IOException, InterruptedException {
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IOException(
                    "the %s was not done within %d s; its log is %s"
                            .formatted(launch.name(), timeout.toSeconds(), launch.log()));
        }
        if (process.exitValue() != 0) {
            throw new IOException(
                    "the %s ended with exit code %d; its log is %s"
                            .formatted(launch.name(), process.exitValue(), launch.log()));
        }
    }

    /// Waits until it ends, whatever the reason.
    public void awaitEnd() throws InterruptedException {
        process.waitFor();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    public String name() {
        return launch.name();
    }

    public Path log() {
        return launch.log();
    }

    /// Waits until one of both ends, and says which.
    static AppProcess awaitAny(AppProcess one, AppProcess other) throws InterruptedException {
        while (!one.process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
            if (!other.isAlive()) {
                return other;
            }
        }
        return one;
    }

    /// Ends the process at once, as a crash would.
    public void kill() {
        process.destroyForcibly();
        awaitEnd(KILLED_WITHIN);
    }

    /// Asks the process to stop, without waiting for it.
    public void askToStop() {
        process.destroy();
    }

    /// Asks the process to stop, waits, and kills it if it does not.
    @Override
    public void close() {
        askToStop();
        if (!awaitEnd(launch.orderlyStop())) {
            kill();
        }
    }

    private boolean awaitEnd(Duration timeout) {
        try {
            return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
