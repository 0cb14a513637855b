package org.masquerelay.token;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The challenges of an origin over time: a new one in each window, and the last one for a grace
/// period after it ([RFC 9577, section
/// 2.1.1.2](https://datatracker.ietf.org/doc/html/rfc9577#section-2.1.1.2)).
///
/// The redemption context of a window is HMAC-SHA-256 of its number under a secret, so relays that
/// share the secret share the challenges. Any thread; the only state is one immutable [Snapshot],
/// which only moves forward: a challenge that has ended stays ended even if the clock steps back.
public final class ChallengeWindows {
    private final Plan plan;
    private final ContextSource contexts;
    private final InstantSource clock;
    private final AtomicReference<Snapshot> snapshot;

    public ChallengeWindows(Plan plan, ImmutableBytes secret, InstantSource clock) {
        this.plan = plan;
        this.contexts = new ContextSource(secret);
        this.clock = clock;
        this.snapshot = new AtomicReference<>(at(clock.instant()));
    }

    /// The challenge to send now.
    public TokenChallenge current() {
        return now().challenge;
    }

    /// How long a token for [#current] will be accepted: the `max-age` to send with it.
    public Duration maxAge() {
        var now = clock.instant();
        var end = plan.startOf(plan.indexAt(now) + 1).plus(plan.grace);
        return Duration.between(now, end);
    }

    /// Whether a token with this challenge digest is of the current window, or of the previous one
    /// within the grace.
    public boolean isLive(ImmutableBytes challengeDigest) {
        var live = now();
        return live.digest.equals(challengeDigest)
                || (live.previousDigest != null && live.previousDigest.equals(challengeDigest));
    }

    private Snapshot now() {
        var instant = clock.instant();
        var seen = snapshot.get();
        return instant.isBefore(seen.until)
                ? seen
                : snapshot.updateAndGet(
                        latest -> instant.isBefore(latest.until) ? latest : at(instant));
    }

    private Snapshot at(Instant instant) {
        long index = plan.indexAt(instant);
        var challenge = plan.challenge(contexts.context(index));
        var graceEnd = plan.startOf(index).plus(plan.grace);
        if (!instant.isBefore(graceEnd)) {
            return new Snapshot(challenge, challenge.digest(), null, plan.startOf(index + 1));
        }
        var previous = plan.challenge(contexts.context(index - 1)).digest();
        return new Snapshot(challenge, challenge.digest(), previous, graceEnd);
    }

    /// What every challenge of an origin has in common, and how long each is current.
    public record Plan(
            String issuerName, List<String> originInfo, Duration window, Duration grace) {
        public Plan {
            originInfo = List.copyOf(originInfo);
            if (window.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException(
                        "window: " + window + " (expected: at least PT1S)");
            }
            if (grace.isNegative() || grace.compareTo(window) > 0) {
                throw new IllegalArgumentException(
                        "grace: " + grace + " (expected: PT0S to " + window + ")");
            }
        }

        TokenChallenge challenge(ImmutableBytes context) {
            return TokenChallenge.blindRsa(issuerName, context, originInfo);
        }

        long indexAt(Instant instant) {
            return Math.floorDiv(instant.toEpochMilli(), window.toMillis());
        }

        Instant startOf(long index) {
            return Instant.ofEpochMilli(Math.multiplyExact(index, window.toMillis()));
        }
    }

    /// What is live until an instant: `previousDigest` is null once the grace is over.
    private record Snapshot(
            TokenChallenge challenge,
            ImmutableBytes digest,
            @Nullable ImmutableBytes previousDigest,
            Instant until) {}

    /// Turns the number of a window into 32 bytes that nobody without the secret can foresee.
    private record ContextSource(ImmutableBytes secret) {
        private static final int MIN_SECRET_LENGTH = 16;

        ContextSource {
            if (secret.length() < MIN_SECRET_LENGTH) {
                throw new IllegalArgumentException(
                        "challenge secret: "
                                + secret
                                + " (expected: at least "
                                + MIN_SECRET_LENGTH
                                + ")");
            }
        }

        ImmutableBytes context(long index) {
            try {
                var mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(secret.toArray(), "HmacSHA256"));
                mac.update(ByteBuffer.allocate(Long.BYTES).putLong(0, index));
                return ImmutableBytes.copyOf(mac.doFinal());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("HMAC-SHA-256 is missing from this JDK", e);
            }
        }
    }
}
