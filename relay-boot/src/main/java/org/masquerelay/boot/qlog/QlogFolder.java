package org.masquerelay.boot.qlog;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// The directory of the files, which holds no more and none older than it may.
final class QlogFolder {
    private final QlogSettings settings;

    /// A file by what is asked of it.
    private record Kept(Path path, Instant changed, long size) {}

    QlogFolder(QlogSettings settings) throws IOException {
        this.settings = settings;
        var directory = settings.directory();
        if (Files.notExists(directory)) {
            OwnersOnly.directories(directory);
        }
        if (!Files.isWritable(directory)) {
            throw new java.nio.file.AccessDeniedException(directory.toString());
        }
    }

    Path file(String name) {
        return settings.directory().resolve(name + QlogFile.SUFFIX);
    }

    /// Deletes what is too old, and the oldest of what is too much; `open` files stay, and count.
    void sweep(Instant now, Set<Path> open) throws IOException {
        var kept = files();
        kept.sort(Comparator.comparing(Kept::changed));
        long total = kept.stream().mapToLong(Kept::size).sum();
        var oldest = now.minus(settings.maxAge());
        for (var file : kept) {
            if (open.contains(file.path())) {
                continue;
            }
            if (file.changed().isBefore(oldest) || total > settings.maxTotal()) {
                Files.deleteIfExists(file.path());
                total -= file.size();
            }
        }
    }

    private List<Kept> files() throws IOException {
        var found = new ArrayList<Kept>();
        try (var files =
                Files.newDirectoryStream(settings.directory(), "*" + QlogFile.SUFFIX + "{,.gz}")) {
            for (var path : files) {
                try {
                    found.add(
                            new Kept(
                                    path,
                                    Files.getLastModifiedTime(path).toInstant(),
                                    Files.size(path)));
                } catch (NoSuchFileException _) {
                    // Somebody else was faster.
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }
}
