package org.masquerelay.token;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/// Remembers spent tokens in this process, by challenge, for as long as the challenge is live.
///
/// A restart forgets them: the secret of [ChallengeWindows] must then be a new one too. Any thread;
/// no lock is held across tokens. A remembered token takes about 130 bytes.
public final class InMemorySpentTokens implements SpentTokenStore {
    private final ConcurrentHashMap<ImmutableBytes, Generation> generations =
            new ConcurrentHashMap<>();
    private final int capacityPerChallenge;
    private final Predicate<ImmutableBytes> isLive;

    /// `isLive` must never turn true again for a digest it was false for, as
    /// [ChallengeWindows#isLive] never does.
    public InMemorySpentTokens(int capacityPerChallenge, Predicate<ImmutableBytes> isLive) {
        if (capacityPerChallenge < 1) {
            throw new IllegalArgumentException(
                    "capacity: " + capacityPerChallenge + " (expected: at least 1)");
        }
        this.capacityPerChallenge = capacityPerChallenge;
        this.isLive = isLive;
    }

    @Override
    public CompletionStage<Reservation> reserve(Token token) {
        return CompletableFuture.completedFuture(reserveNow(token));
    }

    public Reservation reserveNow(Token token) {
        var digest = token.challengeDigest();
        if (!isLive.test(digest)) {
            return new AlreadySpent();
        }
        var generation = generations.get(digest);
        if (generation == null) {
            forgetEndedChallenges();
            generation = generations.computeIfAbsent(digest, _ -> new Generation());
        }
        var reservation = generation.reserve(token.nonce(), capacityPerChallenge);
        // The challenge may have ended, and its generation gone, between the two questions. Still
        // live means that it was never forgotten, so a duplicate would have been seen.
        return isLive.test(digest) ? reservation : new AlreadySpent();
    }

    /// How many tokens are remembered, those of ended challenges included until the next challenge
    /// is first used.
    public int size() {
        return generations.values().stream().mapToInt(generation -> generation.size.get()).sum();
    }

    private void forgetEndedChallenges() {
        generations.keySet().removeIf(digest -> !isLive.test(digest));
    }

    /// The spent and reserved tokens of one challenge.
    private static final class Generation {
        /// Never less than the number of `nonces`, so that the capacity holds under any
        /// interleaving.
        private final AtomicInteger size = new AtomicInteger();

        private final Set<ImmutableBytes> nonces = ConcurrentHashMap.newKeySet();

        Reservation reserve(ImmutableBytes nonce, int capacity) {
            if (nonces.contains(nonce)) {
                return new AlreadySpent();
            }
            if (size.incrementAndGet() > capacity) {
                size.decrementAndGet();
                return new Full();
            }
            if (!nonces.add(nonce)) {
                size.decrementAndGet();
                return new AlreadySpent();
            }
            return new Held(this, nonce);
        }

        void forget(ImmutableBytes nonce) {
            nonces.remove(nonce);
            size.decrementAndGet();
        }
    }

    private static final class Held implements Reserved {
        private final Generation generation;
        private final ImmutableBytes nonce;
        private final AtomicBoolean settled = new AtomicBoolean();

        Held(Generation generation, ImmutableBytes nonce) {
            this.generation = generation;
            this.nonce = nonce;
        }

        @Override
        public void commit() {
            settled.set(true);
        }

        @Override
        public void release() {
            if (settled.compareAndSet(false, true)) {
                generation.forget(nonce);
            }
        }
    }
}
