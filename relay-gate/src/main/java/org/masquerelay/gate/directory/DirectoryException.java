package org.masquerelay.gate.directory;

/// What came instead of a directory, as the end of a sentence that begins with it.
final class DirectoryException extends Exception {
    private static final long serialVersionUID = 1L;

    DirectoryException(String problem) {
        super(problem);
    }
}
