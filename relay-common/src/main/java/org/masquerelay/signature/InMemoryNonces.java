package org.masquerelay.signature;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.masquerelay.token.ImmutableBytes;

/// The nonces of this relay alone. Bounded for each key, so that no signer takes the place of
/// another; the keys are as many as are configured, since only what was verified gets here.
///
/// Any thread, without locks. Of a nonce only a hash is kept, 32 bytes however long it was.
public final class InMemoryNonces implements NonceStore {
    private final int capacityPerKey;
    private final InstantSource clock;
    private final ConcurrentHashMap<String, Used> keys = new ConcurrentHashMap<>();

    public InMemoryNonces(int capacityPerKey, InstantSource clock) {
        if (capacityPerKey < 1) {
            throw new IllegalArgumentException(
                    "capacity: " + capacityPerKey + " (expected: at least 1)");
        }
        this.capacityPerKey = capacityPerKey;
        this.clock = clock;
    }

    @Override
    public CompletionStage<Claim> claim(String keyId, String nonce, Instant until) {
        return CompletableFuture.completedFuture(claimNow(keyId, nonce, until));
    }

    public Claim claimNow(String keyId, String nonce, Instant until) {
        long now = clock.instant().getEpochSecond();
        if (until.getEpochSecond() < now) {
            // Checked in time, and late here: whether it came before may be forgotten by now.
            return Claim.USED;
        }
        var used = keys.computeIfAbsent(keyId, _ -> new Used());
        used.forget(now);
        return used.claim(nonce, until.getEpochSecond(), capacityPerKey);
    }

    /// How many nonces are remembered.
    public int size() {
        return keys.values().stream().mapToInt(used -> used.size.get()).sum();
    }

    /// The nonces of one key.
    private static final class Used {
        private final Set<ImmutableBytes> nonces = ConcurrentHashMap.newKeySet();

        /// The same, those that end first in front.
        private final ConcurrentSkipListSet<End> ends = new ConcurrentSkipListSet<>();

        /// Never less than the number of `nonces`, so that the capacity holds under any
        /// interleaving.
        private final AtomicInteger size = new AtomicInteger();

        Claim claim(String nonce, long until, int capacity) {
            var hash = ImmutableBytes.sha256Of(nonce.getBytes(StandardCharsets.UTF_8));
            if (nonces.contains(hash)) {
                return Claim.USED;
            }
            if (size.incrementAndGet() > capacity) {
                size.decrementAndGet();
                return Claim.FULL;
            }
            if (!nonces.add(hash)) {
                size.decrementAndGet();
                return Claim.USED;
            }
            ends.add(new End(until, hash));
            return Claim.FRESH;
        }

        void forget(long now) {
            var iterator = ends.iterator();
            while (iterator.hasNext()) {
                var end = iterator.next();
                if (end.until() >= now) {
                    return;
                }
                if (ends.remove(end)) { // Of threads that do it at once, one.
                    nonces.remove(end.hash());
                    size.decrementAndGet();
                }
            }
        }
    }

    /// When a nonce can be forgotten, in seconds since 1970.
    private record End(long until, ImmutableBytes hash) implements Comparable<End> {
        private static final Comparator<End> FIRST =
                Comparator.comparingLong(End::until).thenComparing(End::hash);

        @Override
        public int compareTo(End that) {
            return FIRST.compare(this, that);
        }
    }
}
