package org.masquerelay.boot.config;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Files whose content is read anew when they change.
///
/// One thread looks at them; a file that cannot be used any more leaves what was read before in
/// place. Looking instead of being told also sees what is mounted over, or behind a link.
public final class WatchedFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedFiles.class);

    /// How often files are looked at.
    static final Duration INTERVAL = Duration.ofSeconds(1);

    /// In bytes: what a file may have, so that a wrong path does not cost all memory.
    private static final long MAX_SIZE = 64L << 20;

    private final List<Watched<?>> files = new CopyOnWriteArrayList<>();
    private @Nullable ScheduledExecutorService watcher;

    /// Makes a value of the content of a file.
    @FunctionalInterface
    public interface Reader<T> {
        /// @throws IOException with the end of a sentence about the file, when it cannot be used
        T read(byte[] content) throws IOException;
    }

    /// What a file holds, now and after each change of it. To be called while the app starts.
    ///
    /// @throws BadSettingException if it cannot be used now; `property` names it, `action` says
    ///   what it should hold
    public <T> Followed<T> watch(String property, Path file, String action, Reader<T> reader) {
        try {
            var watched = new Watched<>(property, file, reader);
            files.add(watched);
            start();
            return watched;
        } catch (IOException e) {
            throw new BadSettingException(
                    property, "names a file that cannot be used: " + reason(e), action);
        }
    }

    private void start() {
        if (watcher == null) {
            watcher =
                    Executors.newSingleThreadScheduledExecutor(
                            Thread.ofPlatform().daemon().name("relay-files").factory());
            var _ =
                    watcher.scheduleWithFixedDelay(
                            this::look,
                            INTERVAL.toMillis(),
                            INTERVAL.toMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    /// What the reader says, or what keeps the file from being read.
    private static String reason(Exception failure) {
        String message = failure.getMessage();
        return failure instanceof FileSystemException || message == null
                ? Reasons.innermost(failure)
                : message;
    }

    /// Why a file of each property cannot be used any more, empty while all of its files are in
    /// force; in the order in which they were first watched. Any thread.
    public Map<String, String> problems() {
        var problems = new LinkedHashMap<String, String>();
        for (var file : files) {
            problems.merge(
                    file.property,
                    file.problem().orElse(""),
                    (first, other) -> first.isEmpty() ? other : first);
        }
        return problems;
    }

    /// Reads what has changed.
    void look() {
        files.forEach(Watched::look);
    }

    @Override
    public void close() {
        if (watcher != null) {
            watcher.shutdownNow();
        }
    }

    /// Read by every event loop; looked at by one thread.
    private static final class Watched<T> implements Followed<T> {
        private final String property;
        private final Path file;
        private final Reader<T> reader;
        private State seen;
        private volatile T current;
        private final List<Consumer<? super T>> listeners = new CopyOnWriteArrayList<>();
        private volatile Optional<String> problem = Optional.empty();

        /// By what a change is noticed. A link that leads elsewhere now leads to another key.
        private record State(FileTime modified, long size, @Nullable Object key) {
            static State of(Path file) throws IOException {
                var attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return new State(
                        attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
            }
        }

        Watched(String property, Path file, Reader<T> reader) throws IOException {
            this.property = property;
            this.file = file;
            this.reader = reader;
            this.seen = State.of(file);
            this.current = read();
        }

        @Override
        public T get() {
            return current;
        }

        @Override
        public void onChange(Consumer<? super T> then) {
            listeners.add(then);
        }

        @Override
        public Optional<String> problem() {
            return problem;
        }

        private T read() throws IOException {
            if (seen.size() > MAX_SIZE) {
                throw new IOException("it is larger than " + MAX_SIZE + " bytes");
            }
            return reader.read(Files.readAllBytes(file));
        }

        void look() {
            try {
                var state = State.of(file);
                if (!state.equals(seen)) {
                    seen = state;
                    T next = read();
                    current = next;
                    problem = Optional.empty();
                    listeners.forEach(each -> each.accept(next));
                    LOG.info("{} reloaded", property);
                }
            } catch (IOException | RuntimeException e) {
                sayOnce(e);
            }
        }

        private void sayOnce(Exception failure) {
            problem = Optional.of(reason(failure));
            var nothing = new State(FileTime.fromMillis(0), -1, null);
            boolean gone = !Files.exists(file);
            if (!gone || !seen.equals(nothing)) {
                LOG.error(
                        "{} names a file that cannot be used: {}; what was read before stays in use",
                        property,
                        reason(failure));
            }
            if (gone) {
                seen = nothing;
            }
        }
    }
}
