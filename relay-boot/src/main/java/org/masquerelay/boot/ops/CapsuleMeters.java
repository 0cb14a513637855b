package org.masquerelay.boot.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts capsules of tunnels with the same tags by type. Peers choose the types, so only the first
/// few get a tag of their own.
final class CapsuleMeters {
    // RFC 9297, section 5.4: types of this form are sent to be skipped.
    private static final long GREASE_STEP = 0x29;
    private static final long GREASE_START = 0x17;

    private final MeterRegistry registry;
    private final Kind kind;
    private final Tags tags;
    private final Types types;
    private final Map<Long, Counter> byType = new ConcurrentHashMap<>();
    private final Counter grease;
    private final Counter other;

    /// What is counted.
    enum Kind {
        UNKNOWN("masque.capsules.unknown", "Capsules of a type this relay does not know"),
        REJECTED("masque.capsules.rejected", "Capsules that had their tunnel reset");

        private final String meter;
        private final String description;

        Kind(String meter, String description) {
            this.meter = meter;
            this.description = description;
        }
    }

    /// The types that have a tag of their own, in all meters of a relay.
    static final class Types {
        static final int MAX = 32;

        private final Map<Long, Boolean> shown = new ConcurrentHashMap<>();
        private final AtomicInteger count = new AtomicInteger();

        boolean isShown(long type) {
            var known = shown.get(type);
            if (known != null) {
                return known;
            }
            return count.get() < MAX
                    && shown.computeIfAbsent(type, _ -> count.incrementAndGet() <= MAX);
        }
    }

    CapsuleMeters(MeterRegistry registry, Kind kind, Tags tags, Types types) {
        this.registry = registry;
        this.kind = kind;
        this.tags = tags;
        this.types = types;
        grease = counter("grease");
        other = counter("other");
    }

    void count(long type) {
        if (type >= GREASE_START && (type - GREASE_START) % GREASE_STEP == 0) {
            grease.increment();
        } else if (types.isShown(type)) {
            byType.computeIfAbsent(type, shown -> counter("0x" + Long.toHexString(shown)))
                    .increment();
        } else {
            other.increment();
        }
    }

    private Counter counter(String type) {
        return Counter.builder(kind.meter)
                .description(kind.description)
                .tags(tags)
                .tag("type", type)
                .register(registry);
    }
}
