package org.masquerelay.token;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The challenges of an origin over time: a new one in each window, and the last one for a grace
/// period after it ([RFC 9577, section
/// 2.1.1.2](https://datatracker.ietf.org/doc/html/rfc9577#section-2.1.1.2)).
///
/// The redemption context of a window is HMAC-SHA-256 of its number under a secret, so relays that
/// share the secret share the challenges. Any thread; the only state is one immutable [Snapshot],
/// which only moves forward: a challenge that has ended stays ended even if the clock steps back.
public final class ChallengeWindows implements LiveChallenges {
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

    /// The challenge to send now for a token of that issuer and type.
    ///
    /// @throws IllegalArgumentException for an issuer that is not in the plan
    public TokenChallenge current(String issuerName, TokenType type) {
        var challenge = now().current.get(new Asked(issuerName, type));
        if (challenge == null) {
            throw new IllegalArgumentException(
                    "issuer: one without challenges (expected: one of the plan)");
        }
        return challenge;
    }

    /// The challenge to send now for a publicly verifiable token of the first issuer.
    public TokenChallenge current() {
        return current(plan.issuerNames.getFirst(), TokenType.BLIND_RSA);
    }

    /// How long a token for [#current] will be accepted: the `max-age` to send with it.
    public Duration maxAge() {
        // By the challenge and not by the clock: after the clock has stepped back, the challenge
        // stays live until the clock has come back to its end.
        return Duration.between(clock.instant(), now().end);
    }

    /// Whether a token with this challenge digest is of the current window, or of the previous one
    /// within the grace.
    public boolean isLive(ImmutableBytes challengeDigest) {
        return now().live.containsKey(challengeDigest);
    }

    @Override
    public Optional<Asked> asked(ImmutableBytes challengeDigest) {
        return Optional.ofNullable(now().live.get(challengeDigest));
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
        var current = plan.challenges(contexts.context(index));
        var live = new HashMap<ImmutableBytes, Asked>();
        current.forEach((asked, challenge) -> live.put(challenge.digest(), asked));
        var graceEnd = plan.startOf(index).plus(plan.grace);
        boolean grace = instant.isBefore(graceEnd);
        if (grace) {
            plan.challenges(contexts.context(index - 1))
                    .forEach((asked, challenge) -> live.put(challenge.digest(), asked));
        }
        var next = plan.startOf(index + 1);
        return new Snapshot(current, live, grace ? graceEnd : next, next.plus(plan.grace));
    }

    /// What every challenge of an origin has in common, and how long each is current.
    ///
    /// @param issuerNames the issuers that tokens may be from, each once
    public record Plan(
            List<String> issuerNames, List<String> originInfo, Duration window, Duration grace) {
        public Plan {
            issuerNames = List.copyOf(issuerNames);
            originInfo = List.copyOf(originInfo);
            if (issuerNames.isEmpty()) {
                throw new IllegalArgumentException("issuers: none (expected: at least one)");
            }
            if (window.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new IllegalArgumentException(
                        "window: " + window + " (expected: at least PT1S)");
            }
            if (grace.isNegative() || grace.compareTo(window) > 0) {
                throw new IllegalArgumentException(
                        "grace: " + grace + " (expected: PT0S to " + window + ")");
            }
        }

        public Plan(String issuerName, List<String> originInfo, Duration window, Duration grace) {
            this(List.of(issuerName), originInfo, window, grace);
        }

        Map<Asked, TokenChallenge> challenges(ImmutableBytes context) {
            var challenges = new HashMap<Asked, TokenChallenge>();
            for (String issuer : issuerNames) {
                for (var type : TokenType.values()) {
                    challenges.put(
                            new Asked(issuer, type),
                            TokenChallenge.of(type, issuer, context, originInfo));
                }
            }
            return challenges;
        }

        long indexAt(Instant instant) {
            return Math.floorDiv(instant.toEpochMilli(), window.toMillis());
        }

        Instant startOf(long index) {
            return Instant.ofEpochMilli(Math.multiplyExact(index, window.toMillis()));
        }
    }

    /// What is sent and what is taken until an instant; never changed once it is made.
    ///
    /// @param end when tokens for `current` are no longer taken
    private record Snapshot(
            Map<Asked, TokenChallenge> current,
            Map<ImmutableBytes, Asked> live,
            Instant until,
            Instant end) {}

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
