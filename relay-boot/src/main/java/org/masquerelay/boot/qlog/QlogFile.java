package org.masquerelay.boot.qlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
        this.out = OwnersOnly.file(path);
        write(header);
    }

    Path path() {
        return path;
    }

    long size() {
        return size;
    }

    /// Whether there was room for it; once there was none nothing more need come.
    boolean add(QlogEvent event) throws IOException {
        var record = event.toRecord();
        if (size + record.length() > maxSize) {
            leftOut++;
            return false;
        }
        write(record);
        return true;
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
    ///
    /// @param notCome events that were left out before they came here
    void end(QlogEvent last, long notCome, boolean compress) throws IOException {
        long missing = leftOut + notCome;
        if (missing > 0) {
            write(
                    new QlogEvent(
                                    last.nanos(),
                                    QlogEventType.MASQUE_EVENTS_LEFT_OUT,
                                    "\"count\":" + missing)
                            .toRecord());
        }
        write(last.toRecord());
        close();
        if (compress) {
            var packed = path.resolveSibling(path.getFileName() + ".gz");
            try (var to = new GZIPOutputStream(OwnersOnly.file(packed))) {
                Files.copy(path, to);
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
