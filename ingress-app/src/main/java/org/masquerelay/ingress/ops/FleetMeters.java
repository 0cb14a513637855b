package org.masquerelay.ingress.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.atomic.LongAdder;
import org.masquerelay.ingress.fleet.FailureCause;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.fleet.Member;
import org.masquerelay.ingress.fleet.RetryReason;

/// What the egresses of the directory have and how they are doing. One that leaves it has no meters
/// any more.
public final class FleetMeters implements MeterBinder {
    private final Fleet fleet;

    public FleetMeters(Fleet fleet) {
        this.fleet = fleet;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        var up =
                MultiGauge.builder("masque.upstream.up")
                        .description("1 while an egress gets tunnels, 0 while it is ejected")
                        .register(registry);
        var tunnels =
                MultiGauge.builder("masque.upstream.tunnels")
                        .description("Tunnels to an egress, open or being asked for")
                        .register(registry);
        Runnable rows =
                () -> {
                    up.register(
                            fleet.members().stream()
                                    .map(member ->
                                            MultiGauge.Row.of(
                                                    tags(member),
                                                    () -> fleet.isOut(member) ? 0 : 1))
                                    .toList(),
                            true);
                    tunnels.register(
                            fleet.members().stream()
                                    .map(member -> MultiGauge.Row.of(tags(member), member::tunnels))
                                    .toList(),
                            true);
                };
        fleet.whenReplaced(rows);
        rows.run();
        for (var reason : RetryReason.values()) {
            FunctionCounter.builder(
                            "masque.upstream.retries", fleet.retries(reason), LongAdder::sum)
                    .description("Tunnels taken to another egress, which had done nothing for them")
                    .tag("reason", reason.tag())
                    .register(registry);
        }
        for (var cause : FailureCause.values()) {
            FunctionCounter.builder(
                            "masque.upstream.ejections", fleet.ejections(cause), LongAdder::sum)
                    .description("Times that an egress was left alone for a while")
                    .tag("cause", cause.tag())
                    .register(registry);
        }
    }

    private static Tags tags(Member member) {
        return Tags.of("egress", member.name());
    }
}
