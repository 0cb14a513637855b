package org.masquerelay.boot.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts capsules by type. Peers choose the types, so only the first few get a tag of their own.
final class CapsuleMeters {
    static final int MAX_TYPES = 32;

    // RFC 9297, section 5.4: types of this form are sent to be skipped.
    private static final long GREASE_STEP = 0x29;
    private static final long GREASE_START = 0x17;

    private final MeterRegistry registry;
    private final String name;
    private final String description;
    private final Map<Long, Counter> byType = new ConcurrentHashMap<>();
    private final AtomicInteger types = new AtomicInteger();
    private final Counter grease;
    private final Counter other;

    CapsuleMeters(MeterRegistry registry, String name, String description) {
        this.registry = registry;
        this.name = name;
        this.description = description;
        grease = counter("grease");
        other = counter("other");
    }

    void count(long type) {
        if (type >= GREASE_START && (type - GREASE_START) % GREASE_STEP == 0) {
            grease.increment();
        } else {
            ofType(type).increment();
        }
    }

    private Counter ofType(long type) {
        var known = byType.get(type);
        if (known != null) {
            return known;
        }
        if (types.get() >= MAX_TYPES) {
            return other;
        }
        return byType.computeIfAbsent(
                type,
                unseen ->
                        types.incrementAndGet() > MAX_TYPES
                                ? other
                                : counter("0x" + Long.toHexString(unseen)));
    }

    private Counter counter(String type) {
        return Counter.builder(name).description(description).tag("type", type).register(registry);
    }
}
