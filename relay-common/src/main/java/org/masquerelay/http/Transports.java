package org.masquerelay.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.tunnel.HttpVersion;

/// The HTTP versions by which a relay is tried, and how long each waits for those before it.
///
/// @param entries the preferred one first
public record Transports(List<Entry> entries) {
    /// One HTTP version.
    ///
    /// @param delay from the start of the race; zero for the first
    public record Entry(HttpVersion version, Duration delay) {}

    /// HTTP/3 at once, HTTP/2 after a quarter and HTTP/1.1 after half a second.
    public static final Transports ALL =
            of(
                    List.of(HttpVersion.H3, HttpVersion.H2, HttpVersion.H1),
                    List.of(Duration.ofMillis(250), Duration.ofMillis(500)));

    /// HTTP/3 or nothing.
    public static final Transports H3 = only(HttpVersion.H3);

    public Transports {
        entries = List.copyOf(entries);
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("transports: none (expected: one or more)");
        }
    }

    public static Transports only(HttpVersion version) {
        return new Transports(List.of(new Entry(version, Duration.ZERO)));
    }

    /// `versions` in order of preference; `headStarts` are the delays of all but the first. Where
    /// there are too few of them the last one counts.
    public static Transports of(List<HttpVersion> versions, List<Duration> headStarts) {
        var entries = new ArrayList<Entry>();
        for (int i = 0; i < versions.size(); i++) {
            var delay =
                    i == 0 || headStarts.isEmpty()
                            ? Duration.ZERO
                            : headStarts.get(Math.min(i - 1, headStarts.size() - 1));
            entries.add(new Entry(versions.get(i), delay));
        }
        return new Transports(entries);
    }

    /// When the last one starts.
    public Duration lastDelay() {
        return entries.stream().map(Entry::delay).max(Duration::compareTo).orElse(Duration.ZERO);
    }

    /// The same, with `version` at the front: what has got through before is likely to do so again.
    public Transports preferring(HttpVersion version) {
        var reordered = new ArrayList<Entry>();
        reordered.add(new Entry(version, Duration.ZERO));
        for (var entry : entries) {
            if (entry.version() != version) {
                boolean first = entry.delay().isZero();
                reordered.add(first ? new Entry(entry.version(), lastDelay()) : entry);
            }
        }
        return new Transports(reordered);
    }
}
