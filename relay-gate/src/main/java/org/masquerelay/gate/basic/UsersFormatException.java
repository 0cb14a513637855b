package org.masquerelay.gate.basic;

/// A users file that cannot be used. Its message quotes nothing of the file.
public final class UsersFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    UsersFormatException(int line, String problem) {
        super("line " + line + ": " + problem);
    }

    UsersFormatException(String problem) {
        super(problem);
    }
}
