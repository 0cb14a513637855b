package org.masquerelay.token.issuance;

import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.TrustedIssuer;

/// All keys of an issuer, those that are to come and those that are about to go among them.
///
/// @param keys the newest first, which is the order of preference
public record IssuerKeySet(List<ScheduledKey> keys) {
    /// One octet names a key in a request, so many more could not be told apart for long.
    public static final int MAX_KEYS = 32;

    /// @throws IllegalArgumentException when there are too many, or a request could mean two
    public IssuerKeySet {
        keys =
                keys.stream()
                        .sorted(Comparator.comparing(ScheduledKey::notBefore).reversed())
                        .toList();
        if (keys.size() > MAX_KEYS) {
            throw new IllegalArgumentException(
                    "issuer keys: " + keys.size() + " (expected: at most " + MAX_KEYS + ")");
        }
        var names = new HashSet<String>();
        for (var key : keys) {
            if (!names.add(nameOf(key.pair()))) {
                throw new IllegalArgumentException(
                        "two issuer keys share the truncated key id "
                                + key.pair().publicKey().truncatedTokenKeyId()
                                + ": replace one of them");
            }
        }
    }

    public static IssuerKeySet of(IssuerKeyPair... pairs) {
        return new IssuerKeySet(Stream.of(pairs).map(ScheduledKey::always).toList());
    }

    /// What the issuer answers with: not before a key's time only because a client's clock may
    /// differ.
    public List<IssuerKeyPair> usable(Instant now) {
        return live(now).map(ScheduledKey::pair).toList();
    }

    public IssuerDirectory directory(URI requestUri, Instant now) {
        return new IssuerDirectory(
                requestUri,
                live(now)
                        .map(key ->
                                new IssuerDirectory.Entry(key.pair().publicKey(), key.notBefore()))
                        .toList());
    }

    /// How long what [#directory] gives stays right, and `atMost`.
    public Duration maxAge(Instant now, Duration atMost) {
        return live(now)
                .map(ScheduledKey::notAfter)
                .filter(end -> end.isBefore(now.plus(atMost)))
                .map(end -> Duration.between(now, end))
                .min(Comparator.naturalOrder())
                .orElse(atMost);
    }

    /// For an origin that redeems this issuer's tokens.
    public TrustedIssuer trusted(String name, Instant now) {
        return new TrustedIssuer(
                name,
                live(now)
                        .map(key ->
                                new TrustedIssuer.Key(key.pair().verifyingKey(), key.notBefore()))
                        .toList());
    }

    /// With a new key, and an end for the older ones of its type; without those that have ended.
    public IssuerKeySet rotate(Rotation rotation, Instant now, SecureRandom random) {
        var end = rotation.activeAt.plus(rotation.overlap);
        var next = new ArrayList<ScheduledKey>();
        live(now)
                .map(key -> key.pair().type() == rotation.type ? key.retiredBy(end) : key)
                .forEach(next::add);
        next.add(
                new ScheduledKey(
                        unlike(next, rotation.type, random), rotation.activeAt, Instant.MAX));
        return new IssuerKeySet(next);
    }

    private Stream<ScheduledKey> live(Instant now) {
        return keys.stream().filter(key -> !key.isRetired(now));
    }

    /// A key that no request confuses with the others (RFC 9578, section 6.5).
    private static IssuerKeyPair unlike(
            List<ScheduledKey> others, TokenType type, SecureRandom random) {
        var taken = others.stream().map(key -> nameOf(key.pair())).toList();
        while (true) {
            var pair = IssuerKeyPair.generate(type, random);
            if (!taken.contains(nameOf(pair))) {
                return pair;
            }
        }
    }

    private static String nameOf(IssuerKeyPair pair) {
        return pair.type() + " " + pair.publicKey().truncatedTokenKeyId();
    }

    /// The change of a key.
    ///
    /// @param activeAt when clients begin to use the new key, in whole seconds; later than now by
    ///   what caches keep the directory, so that verifiers know the key before it is used
    /// @param overlap how long after it the issuer still answers for the old keys
    public record Rotation(TokenType type, Instant activeAt, Duration overlap) {
        public Rotation {
            activeAt = activeAt.truncatedTo(ChronoUnit.SECONDS);
            if (overlap.isNegative()) {
                throw new IllegalArgumentException(
                        "overlap: " + overlap + " (expected: not negative)");
            }
        }
    }
}
