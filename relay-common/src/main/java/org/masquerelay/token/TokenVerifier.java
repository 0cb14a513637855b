package org.masquerelay.token;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// Judges whether a token was made by a trusted issuer for a live challenge ([RFC 9578, section
/// 6.4](https://datatracker.ietf.org/doc/html/rfc9578#section-6.4)).
///
/// It does not know whether the token was spent: see [SpentTokenStore]. Immutable; any thread.
public final class TokenVerifier {
    private final Map<ImmutableBytes, IssuerKey> keys;
    private final Predicate<ImmutableBytes> isLive;

    /// `isLive` tells by its digest whether a challenge is one of ours and still open.
    public TokenVerifier(List<IssuerKey> keys, Predicate<ImmutableBytes> isLive) {
        var byId = new HashMap<ImmutableBytes, IssuerKey>();
        keys.forEach(key -> byId.put(key.tokenKeyId(), key));
        this.keys = Map.copyOf(byId);
        this.isLive = isLive;
    }

    /// The RSA operation comes last, so that only tokens that could pass cost one.
    public Verdict verify(Token token) {
        if (!isLive.test(token.challengeDigest())) {
            return Verdict.STALE_CHALLENGE;
        }
        var key = keys.get(token.tokenKeyId());
        if (key == null) {
            return Verdict.UNKNOWN_KEY;
        }
        return key.verify(token) ? Verdict.VALID : Verdict.BAD_SIGNATURE;
    }

    /// What a token is worth.
    public enum Verdict {
        VALID,
        /// The challenge has ended, or was never ours: a fresh challenge helps.
        STALE_CHALLENGE,
        /// Not made with a key of a trusted issuer.
        UNKNOWN_KEY,
        /// Not made by the issuer whose key it names.
        BAD_SIGNATURE
    }
}
