package org.masquerelay.boot.qlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// The file of one connection. Confined to the writer's thread.
final class QlogFile {
    static final String SUFFIX = ".sqlog";
    static final String COMPRESSED_SUFFIX = SUFFIX + ".gz";

    private final Path path;
    private final long maxSize;
    private @Nullable OutputStream out;
    private long size;
    private long leftOut;

    /// @param header the first record
    QlogFile(Path path, String header, long maxSize) throws IOException {
        this.path = path;
        this.maxSize = maxSize;
        this.out = Files.newOutputStream(path, StandardOpenOption.CREATE_NEW);
        if (Files.getFileStore(path).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        }
        write(header);
    }

    Path path() {
        return path;
    }

    void add(QlogEvent event) throws IOException {
        var record = event.toRecord();
        if (size + record.length() > maxSize) {
            leftOut++;
        } else {
            write(record);
        }
    }

    private void write(String record) throws IOException {
        var stream = out;
        if (stream != null) {
            var bytes = record.getBytes(UTF_8);
            stream.write(bytes);
            size += bytes.length;
        }
    }

    /// Adds what has to be there however full the file is.
    void end(QlogEvent last, boolean compress) throws IOException {
        if (leftOut > 0) {
            write(
                    new QlogEvent(last.nanos(), "masque:events_left_out", "\"count\":" + leftOut)
                            .toRecord());
        }
        write(last.toRecord());
        close();
        if (compress) {
            var packed = path.resolveSibling(path.getFileName() + ".gz");
            try (var to =
                    new GZIPOutputStream(
                            Files.newOutputStream(packed, StandardOpenOption.CREATE_NEW))) {
                Files.copy(path, to);
            }
            if (Files.getFileStore(packed).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(packed, PosixFilePermissions.fromString("rw-------"));
            }
            Files.delete(path);
        }
    }

    /// Leaves the file as it is.
    void close() throws IOException {
        var stream = out;
        out = null;
        if (stream != null) {
            stream.close();
        }
    }
}
