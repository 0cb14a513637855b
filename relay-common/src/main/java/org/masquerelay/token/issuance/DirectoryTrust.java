package org.masquerelay.token.issuance;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.masquerelay.token.BlindRsaKey;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.VerifyingKey;
import org.masquerelay.token.VoprfKey;
import org.masquerelay.token.VoprfVerifyingKey;

/// What an origin makes of an issuer's directory over time: which keys it trusts, and when it has
/// to look again ([RFC 9578, section 4](https://datatracker.ietf.org/doc/html/rfc9578#section-4)).
///
/// Fetches nothing and knows no clock: whoever fetches tells it what came and when. Immutable; each
/// answer gives the next one.
///
/// @param listed the keys of the last good directory, in its order
/// @param departed keys that earlier ones listed, each until when it is still trusted
/// @param goodAt when the last good directory came; [Instant#MIN] before the first
/// @param refreshAt when to fetch it again
public record DirectoryTrust(
        Policy policy,
        List<IssuerDirectory.Entry> listed,
        List<Departed> departed,
        Instant goodAt,
        Instant refreshAt) {

    public DirectoryTrust {
        listed = List.copyOf(listed);
        departed = List.copyOf(departed);
    }

    /// How much is left to the issuer.
    ///
    /// @param minRefresh how soon it is fetched again at the earliest, after a failure too
    /// @param maxRefresh how soon at the latest, and when the issuer does not say
    /// @param overlap how long a key is trusted that the directory has ceased to list, for the
    ///   tokens that clients hold
    /// @param maxStale how long keys are trusted without a good directory
    public record Policy(
            Duration minRefresh, Duration maxRefresh, Duration overlap, Duration maxStale) {
        public Policy {
            if (minRefresh.isNegative() || minRefresh.isZero() || overlap.isNegative()) {
                throw new IllegalArgumentException(
                        "refresh after: " + minRefresh + ", overlap: " + overlap);
            }
            if (maxRefresh.compareTo(minRefresh) < 0 || maxStale.compareTo(maxRefresh) < 0) {
                throw new IllegalArgumentException(
                        "refresh after: "
                                + minRefresh
                                + ", "
                                + maxRefresh
                                + ", stale after: "
                                + maxStale
                                + " (expected: in this order)");
            }
        }
    }

    /// A key that is no longer listed.
    public record Departed(IssuerKey key, Instant trustedUntil) {}

    /// Trusts nothing yet, and wants to fetch at once.
    public static DirectoryTrust none(Policy policy) {
        return new DirectoryTrust(policy, List.of(), List.of(), Instant.MIN, Instant.MIN);
    }

    /// After a directory came with status 200.
    ///
    /// @throws TokenFormatException when it is none: as after a failure, nothing changes but
    ///   [#failed]
    public DirectoryTrust fetched(byte[] body, Freshness freshness, Instant now)
            throws TokenFormatException {
        var next = IssuerDirectory.parse(body);
        var keys = next.keys();
        var gone = new ArrayList<Departed>();
        departed.stream()
                .filter(key -> key.trustedUntil.isAfter(now) && !keys.contains(key.key))
                .forEach(gone::add);
        listed.stream()
                .map(IssuerDirectory.Entry::key)
                .filter(key -> !keys.contains(key))
                .map(key -> new Departed(key, now.plus(policy.overlap)))
                .forEach(gone::add);
        return new DirectoryTrust(
                policy,
                next.tokenKeys(),
                bounded(gone),
                now,
                now.plus(refreshAfter(freshness, now)));
    }

    /// After a directory did not come, or was none: what is trusted stays so for a while.
    public DirectoryTrust failed(Instant now) {
        return new DirectoryTrust(policy, listed, departed, goodAt, now.plus(policy.minRefresh));
    }

    /// The keys whose tokens pass.
    public List<IssuerKey> keys(Instant now) {
        return entries(now).stream().map(IssuerDirectory.Entry::key).toList();
    }

    /// For whoever verifies. A key of tokens that are not publicly verifiable is left out unless
    /// its private half is among `own`.
    public TrustedIssuer issuer(String name, List<VoprfVerifyingKey> own, Instant now) {
        Map<IssuerKey, VoprfVerifyingKey> byKey =
                own.stream()
                        .collect(
                                Collectors.toMap(
                                        VoprfVerifyingKey::publicKey,
                                        Function.identity(),
                                        (one, _) -> one));
        var keys = new ArrayList<TrustedIssuer.Key>();
        for (var entry : entries(now)) {
            VerifyingKey verifying =
                    switch (entry.key()) {
                        case BlindRsaKey rsa -> rsa;
                        case VoprfKey voprf -> byKey.get(voprf);
                    };
            if (verifying != null) {
                keys.add(new TrustedIssuer.Key(verifying, entry.notBefore()));
            }
        }
        return new TrustedIssuer(name, keys);
    }

    /// When [#keys] changes without another answer, always after `now`; [Instant#MAX] if never.
    public Instant changesAt(Instant now) {
        return Stream.concat(Stream.of(staleAt()), departed.stream().map(Departed::trustedUntil))
                .filter(change -> change.isAfter(now))
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /// The departed ones are not to be asked for, so they come last and never start.
    private List<IssuerDirectory.Entry> entries(Instant now) {
        if (!now.isBefore(staleAt())) {
            return List.of();
        }
        var entries = new ArrayList<>(listed);
        departed.stream()
                .filter(key -> key.trustedUntil.isAfter(now))
                .map(key -> new IssuerDirectory.Entry(key.key, Instant.MAX))
                .forEach(entries::add);
        return entries;
    }

    private Instant staleAt() {
        return goodAt.equals(Instant.MIN) ? Instant.MAX : goodAt.plus(policy.maxStale);
    }

    private Duration refreshAfter(Freshness freshness, Instant now) {
        var wanted = freshness.lifetime(now).orElse(policy.maxRefresh);
        if (wanted.compareTo(policy.minRefresh) < 0) {
            return policy.minRefresh;
        }
        return wanted.compareTo(policy.maxRefresh) > 0 ? policy.maxRefresh : wanted;
    }

    /// An issuer that lists other keys each time makes no list grow: the latest ones are kept.
    private static List<Departed> bounded(List<Departed> gone) {
        int excess = Math.max(0, gone.size() - IssuerKeySet.MAX_KEYS);
        return gone.subList(excess, gone.size());
    }
}
