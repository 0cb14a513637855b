package org.masquerelay.token;

import java.util.Optional;

/// What an origin has asked for and still takes tokens for.
public interface LiveChallenges {

    /// What the challenge of this digest asked for; empty if it has ended or was never ours.
    Optional<Asked> asked(ImmutableBytes challengeDigest);

    /// From which issuer, and of which type, a token has to be.
    record Asked(String issuerName, TokenType type) {}

    /// One challenge that is always live.
    static LiveChallenges only(TokenChallenge challenge) {
        var asked =
                TokenType.of(challenge.tokenType())
                        .map(type -> new Asked(challenge.issuerName(), type));
        var digest = challenge.digest();
        return given -> given.equals(digest) ? asked : Optional.empty();
    }
}
