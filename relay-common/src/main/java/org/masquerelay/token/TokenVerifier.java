package org.masquerelay.token;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Judges whether a token was made by the issuer that a live challenge asked ([RFC 9578, sections
/// 5.4](https://datatracker.ietf.org/doc/html/rfc9578#section-5.4) and 6.4).
///
/// It does not know whether the token was spent: see [SpentTokenStore]. Immutable; any thread.
public final class TokenVerifier {
    private final Map<KeyName, VerifyingKey> keys;
    private final LiveChallenges challenges;

    public TokenVerifier(List<TrustedIssuer> issuers, LiveChallenges challenges) {
        var byName = new HashMap<KeyName, VerifyingKey>();
        for (var issuer : issuers) {
            for (var key : issuer.keys()) {
                var id = key.verifying().publicKey().tokenKeyId();
                byName.put(new KeyName(issuer.name(), id), key.verifying());
            }
        }
        this.keys = Map.copyOf(byName);
        this.challenges = challenges;
    }

    /// The arithmetic comes last, so that only tokens that could pass cost it.
    public Verdict verify(Token token) {
        var asked = challenges.asked(token.challengeDigest());
        if (asked.isEmpty()) {
            return Verdict.STALE_CHALLENGE;
        }
        var key = keys.get(new KeyName(asked.get().issuerName(), token.tokenKeyId()));
        if (key == null || key.publicKey().type() != asked.get().type()) {
            return Verdict.UNKNOWN_KEY;
        }
        return key.verify(token) ? Verdict.VALID : Verdict.BAD_SIGNATURE;
    }

    private record KeyName(String issuerName, ImmutableBytes tokenKeyId) {}

    /// What a token is worth.
    public enum Verdict {
        VALID,
        /// The challenge has ended, or was never ours: a fresh challenge helps.
        STALE_CHALLENGE,
        /// Not made with a key of the issuer, and for the type, that was asked for.
        UNKNOWN_KEY,
        /// Not made by the issuer whose key it names.
        BAD_SIGNATURE
    }
}
