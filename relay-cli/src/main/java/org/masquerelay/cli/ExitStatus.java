package org.masquerelay.cli;

/// What the command line ends with.
final class ExitStatus {
    static final int SUCCESS = 0;
    static final int FAILURE = 1;
    static final int USAGE = 2;

    /// `EX_UNAVAILABLE` of sysexits: the relay cannot be reached.
    static final int UNREACHABLE = 69;

    private ExitStatus() {}
}
