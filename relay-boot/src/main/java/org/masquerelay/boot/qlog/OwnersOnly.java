package org.masquerelay.boot.qlog;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Makes files and directories that nobody but the relay's user may read, from their first moment,
/// as far as the file system knows users.
final class OwnersOnly {
    private static final Set<StandardOpenOption> NEW =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private OwnersOnly() {}

    static void directories(Path directory) throws IOException {
        Files.createDirectories(directory, mode(directory.getFileSystem(), "rwx------"));
    }

    static OutputStream file(Path file) throws IOException {
        return Channels.newOutputStream(
                Files.newByteChannel(file, NEW, mode(file.getFileSystem(), "rw-------")));
    }

    private static FileAttribute<?>[] mode(FileSystem system, String permissions) {
        return system.supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
