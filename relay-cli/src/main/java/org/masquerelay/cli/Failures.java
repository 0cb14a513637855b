package org.masquerelay.cli;

import java.io.PrintStream;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/// Says in one sentence why a command failed, and with `--verbose` also where.
final class Failures implements IExecutionExceptionHandler {
    private final PrintStream err;

    Failures(PrintStream err) {
        this.err = err;
    }

    @Override
    public int handleExecutionException(
            Exception failure, CommandLine command, ParseResult parsed) {
        err.println("relay " + command.getCommandName() + ": " + textOf(failure));
        if (RelayCommand.isVerbose(parsed)) {
            failure.printStackTrace(err);
        }
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return failure instanceof CommandFailure known ? known.exitStatus() : ExitStatus.FAILURE;
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
