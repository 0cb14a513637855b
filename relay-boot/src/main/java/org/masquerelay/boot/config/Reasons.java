package org.masquerelay.boot.config;

import java.io.FileNotFoundException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/// Turns chains of exceptions into the end of a sentence.
final class Reasons {
    private static final int MAX_DEPTH = 16;

    private Reasons() {}

    /// What the innermost cause says, or the first one that names a file.
    static String innermost(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; depth < MAX_DEPTH && cause.getCause() != null; depth++) {
            if (cause instanceof FileSystemException) {
                break;
            }
            cause = cause.getCause();
        }
        return switch (cause) {
            case NoSuchFileException missing -> "there is no file " + missing.getFile();
            case AccessDeniedException denied -> "no permission to read " + denied.getFile();
            case FileNotFoundException missing -> "there is no file " + missing.getMessage();
            default -> {
                String message = cause.getMessage();
                yield message == null ? cause.getClass().getSimpleName() : message;
            }
        };
    }
}
