package org.masquerelay.boot.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Map;
import org.masquerelay.observe.DropReason;
import org.masquerelay.observe.Losses;

/// Counts what tunnels with the same tags lose. A tunnel asks for it once, and has a counter at
/// hand for each loss.
final class LossMeters implements Losses {
    private final Map<DropReason, Counter> dropped = new EnumMap<>(DropReason.class);
    private final CapsuleMeters unknown;
    private final CapsuleMeters rejected;

    LossMeters(MeterRegistry registry, Tags tags, CapsuleMeters.Types types) {
        for (var reason : DropReason.values()) {
            dropped.put(
                    reason,
                    Counter.builder("masque.datagrams.dropped")
                            .description("Datagrams that went no further")
                            .tags(tags)
                            .tag("reason", reason.tag())
                            .register(registry));
        }
        unknown = new CapsuleMeters(registry, CapsuleMeters.Kind.UNKNOWN, tags, types);
        rejected = new CapsuleMeters(registry, CapsuleMeters.Kind.REJECTED, tags, types);
    }

    @Override
    public void dropped(DropReason reason) {
        var counter = dropped.get(reason);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void unknownCapsule(long type) {
        unknown.count(type);
    }

    @Override
    public void rejectedCapsule(long type) {
        rejected.count(type);
    }
}
