package org.masquerelay.cli.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/// A directory for certificates, keys and logs of the processes that a command starts.
///
/// Nothing of it outlives the command but, unless it has succeeded, the logs. [#close()] may come
/// from another thread at any time.
public final class WorkDirectory implements AutoCloseable {
    private final Path path;
    private volatile boolean succeeded;

    private WorkDirectory(Path path) {
        this.path = path;
    }

    /// Makes one among the temporary files that only this user can read.
    public static WorkDirectory make(String prefix) throws IOException {
        return new WorkDirectory(Files.createTempDirectory(prefix));
    }

    public Path path() {
        return path;
    }

    /// The last word on whether somebody will want the logs.
    public void succeeded(boolean yes) {
        succeeded = yes;
    }

    @Override
    public void close() {
        try (var files = Files.walk(path)) {
            files.filter(file -> succeeded || !file.toString().endsWith(".log"))
                    .sorted(Comparator.reverseOrder())
                    .forEach(WorkDirectory::delete);
        } catch (IOException | UncheckedIOException _) {
            // Left to whoever cleans the directory for temporary files.
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (DirectoryNotEmptyException _) {
            // Holds the logs.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
