package org.masquerelay.cli;

import java.io.PrintStream;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/// Says in one sentence why a command failed, and with `--verbose` also where.
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final PrintStream err;
    private final BooleanSupplier verbose;

    Failures(PrintStream err, BooleanSupplier verbose) {
        this.err = err;
        this.verbose = verbose;
    }

    @Override
    public int handleExecutionException(
            Exception failure, CommandLine command, ParseResult parsed) {
        err.println("relay " + command.getCommandName() + ": " + textOf(failure));
        if (verbose.getAsBoolean()) {
            failure.printStackTrace(err);
        }
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return failure instanceof CommandFailure known ? known.exitStatus() : ExitStatus.FAILURE;
    }

    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        var command = failure.getCommandLine().getCommandSpec().qualifiedName();
        err.println(command + ": " + textOf(failure));
        err.println("'" + command + " --help' says more.");
        return ExitStatus.USAGE;
    }

    /// What the exception says, and what it is if it says nothing.
    static String textOf(Throwable failure) {
        String message = failure.getMessage();
        if (message != null && !message.isBlank()) {
            return message.lines().findFirst().orElse(message);
        }
        var cause = failure.getCause();
        return cause == null ? failure.getClass().getSimpleName() : textOf(cause);
    }
}
