package org.masquerelay.boot.qlog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
            Files.createDirectories(directory);
            if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(
                        directory, PosixFilePermissions.fromString("rwx------"));
            }
        }
        if (!Files.isWritable(directory)) {
            throw new java.nio.file.AccessDeniedException(directory.toString());
        }
    }

    Path file(String name) {
        return settings.directory().resolve(name + QlogFile.SUFFIX);
    }

    /// Deletes what is too old, and the oldest of what is too much; `open` files stay.
    void sweep(Instant now, Set<Path> open) throws IOException {
        var kept = files(open);
        kept.sort(Comparator.comparing(Kept::changed));
        long total = kept.stream().mapToLong(Kept::size).sum();
        var oldest = now.minus(settings.maxAge());
        for (var file : kept) {
            if (file.changed().isBefore(oldest) || total > settings.maxTotal()) {
                Files.deleteIfExists(file.path());
                total -= file.size();
            }
        }
    }

    private List<Kept> files(Set<Path> open) throws IOException {
        var found = new ArrayList<Kept>();
        try (var files =
                Files.newDirectoryStream(settings.directory(), "*" + QlogFile.SUFFIX + "{,.gz}")) {
            for (var path : files) {
                try {
                    if (!open.contains(path)) {
                        found.add(
                                new Kept(
                                        path,
                                        Files.getLastModifiedTime(path).toInstant(),
                                        Files.size(path)));
                    }
                } catch (NoSuchFileException _) {
                    // Somebody else was faster.
                }
            }
        }
        return found;
    }
}
