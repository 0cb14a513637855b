package org.masquerelay.gate.basic;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The users of a file, which follow it.
///
/// Read by every event loop; a virtual thread of its own looks at the file now and then and
/// publishes a whole new snapshot. A file that cannot be used leaves the old users in place.
public final class UsersFile implements Supplier<Users>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UsersFile.class);

    /// In bytes: 10 000 users with the longest names.
    private static final long MAX_SIZE = 5_000_000;

    private final Path path;
    private final Thread watcher;
    private volatile Users current;
    private Optional<Stamp> seen; // Confined to the watcher, once it runs.

    /// What tells one state of the file from another; also a file that another one has replaced
    /// within the resolution of its time.
    private record Stamp(Object time, long size, Optional<Object> key) {
        static Optional<Stamp> of(Path path) {
            try {
                var attributes = Files.readAttributes(path, BasicFileAttributes.class);
                return Optional.of(
                        new Stamp(
                                attributes.lastModifiedTime(),
                                attributes.size(),
                                Optional.ofNullable(attributes.fileKey())));
            } catch (IOException _) {
                return Optional.empty();
            }
        }
    }

    private UsersFile(Path path, Duration interval) throws UsersFormatException {
        this.path = path;
        this.seen = Stamp.of(path);
        this.current = read(path);
        this.watcher = Thread.ofVirtual().name("relay-users-file").unstarted(() -> watch(interval));
    }

    /// Reads the file and follows it, with a look every `interval`. Blocks.
    public static UsersFile open(Path path, Duration interval) throws UsersFormatException {
        var file = new UsersFile(path, interval);
        file.watcher.start();
        return file;
    }

    @Override
    public Users get() {
        return current;
    }

    private void watch(Duration interval) {
        try {
            while (true) {
                Thread.sleep(interval);
                look();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // Closed.
        }
    }

    private void look() {
        var now = Stamp.of(path);
        if (now.equals(seen)) {
            return;
        }
        // Remembered before the file is read: a change meanwhile is seen the next time.
        seen = now;
        try {
            current = read(path);
            LOG.info("The users file is reloaded and has {} users", current.size());
        } catch (UsersFormatException e) {
            LOG.error(
                    "The users file cannot be reloaded: {}; the users loaded before stay",
                    e.getMessage());
        }
    }

    private static Users read(Path path) throws UsersFormatException {
        try {
            if (Files.size(path) > MAX_SIZE) {
                throw new UsersFormatException("it is larger than " + MAX_SIZE + " bytes");
            }
            return Users.parse(Files.readAllLines(path, UTF_8));
        } catch (NoSuchFileException _) {
            throw new UsersFormatException("it does not exist");
        } catch (AccessDeniedException _) {
            throw new UsersFormatException("it may not be read");
        } catch (CharacterCodingException _) {
            throw new UsersFormatException("it is not UTF-8");
        } catch (IOException e) {
            throw new UsersFormatException("it cannot be read: " + e.getMessage());
        }
    }

    /// Ends the watching.
    @Override
    public void close() {
        watcher.interrupt();
    }
}
