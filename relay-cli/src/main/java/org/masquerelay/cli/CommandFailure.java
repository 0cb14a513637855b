package org.masquerelay.cli;

/// Why a command ends without success, as one sentence for its user.
final class CommandFailure extends Exception {
    private final int exitStatus;

    private CommandFailure(int exitStatus, String sentence) {
        super(sentence);
        this.exitStatus = exitStatus;
    }

    static CommandFailure failed(String sentence) {
        return new CommandFailure(ExitStatus.FAILURE, sentence);
    }

    static CommandFailure misused(String sentence) {
        return new CommandFailure(ExitStatus.USAGE, sentence);
    }

    static CommandFailure unreachable(String sentence) {
        return new CommandFailure(ExitStatus.UNREACHABLE, sentence);
    }

    int exitStatus() {
        return exitStatus;
    }
}
