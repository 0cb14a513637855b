package org.masquerelay.gate.spent;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/// What still has to be said to the shared claims, because they could not be told when it was time.
///
/// Bounded, and no claim stays longer than its key would: what is left out costs a client the
/// token, or lets one pass at another ingress that was admitted unchecked. Any thread.
final class Unsettled {
    private final ConcurrentLinkedQueue<Matter> matters = new ConcurrentLinkedQueue<>();

    /// Never less than the number of `matters`.
    private final AtomicInteger size = new AtomicInteger();

    private final int capacity;
    private final InstantSource clock;

    Unsettled(int capacity, InstantSource clock) {
        this.capacity = capacity;
        this.clock = clock;
    }

    private enum Wish {
        FREE,
        TAKE
    }

    private record Matter(Wish wish, Claim claim, Instant end) {}

    /// The claim was refused, or given back, and may be on its key.
    void free(Claim claim) {
        add(Wish.FREE, claim);
    }

    /// The token was spent without the others' knowledge.
    void take(Claim claim) {
        add(Wish.TAKE, claim);
    }

    int size() {
        return size.get();
    }

    /// Tells all of it, one after the other; at the first failure, the rest waits for the next
    /// time.
    Mono<Void> settle(SharedClaims claims) {
        return Mono.fromSupplier(matters::peek)
                .flatMap(matter -> tell(matter, claims).thenReturn(matter))
                .doOnNext(matter -> {
                    if (matters.remove(matter)) {
                        size.decrementAndGet();
                    }
                })
                .repeat(() -> !matters.isEmpty())
                .then();
    }

    private Mono<Void> tell(Matter matter, SharedClaims claims) {
        var left = Duration.between(clock.instant(), matter.end);
        if (!left.isPositive()) {
            return Mono.empty();
        }
        var claim = new Claim(matter.claim.key(), matter.claim.owner(), left);
        return switch (matter.wish) {
            case FREE -> claims.free(claim);
            case TAKE -> claims.take(claim).then();
        };
    }

    private void add(Wish wish, Claim claim) {
        if (size.incrementAndGet() > capacity) {
            size.decrementAndGet();
            return;
        }
        matters.add(new Matter(wish, claim, clock.instant().plus(claim.life())));
    }
}
