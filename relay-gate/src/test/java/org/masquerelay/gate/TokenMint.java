package org.masquerelay.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.masquerelay.gate.token.PrivateTokenScheme.Challenging;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.PrivateTokenCredentials;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.TrustedIssuers;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.PendingToken;
import org.masquerelay.token.issuance.TokenIssuer;
import org.masquerelay.tunnel.HeaderFields;

/// Issuer, client and clock for tests of the gate: tokens come out of the real blind protocol.
final class TokenMint {
    static final Duration WINDOW = Duration.ofMinutes(10);
    static final Duration GRACE = Duration.ofMinutes(2);

    private static final SecureRandom RANDOM = new SecureRandom();

    final IssuerKeyPair key = IssuerKeyPair.generate(RANDOM);
    final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2030-01-01T00:00:00Z"));
    final ChallengeWindows windows =
            new ChallengeWindows(
                    new ChallengeWindows.Plan("issuer.example", List.of(), WINDOW, GRACE),
                    ImmutableBytes.copyOf(new byte[32]),
                    (InstantSource) now::get);

    TrustedIssuers issuers() {
        var issuer = TrustedIssuer.of("issuer.example", List.of(key.verifyingKey()));
        return new TrustedIssuers(windows, List.of(issuer));
    }

    Challenging challenging() {
        return Challenging.plain(ParameterStyle.QUOTED, now::get);
    }

    Token token() {
        return token(windows.current(), key);
    }

    static Token token(TokenChallenge challenge, IssuerKeyPair issuer) {
        var pending = PendingToken.start(challenge, issuer.publicKey(), RANDOM);
        var issuance = new TokenIssuer(List.of(issuer)).issue(pending.request());
        if (!(issuance instanceof TokenIssuer.Issuance.Issued(var response))) {
            throw new AssertionError("not issued");
        }
        try {
            return pending.finish(response.serialise());
        } catch (TokenFormatException e) {
            throw new AssertionError(e);
        }
    }

    /// Makes a token for the challenge that a refusal carries, as a client does.
    Token answer(String challengeField) throws TokenFormatException {
        var challenges = PrivateTokenChallenge.parseAll(challengeField);
        assertThat(challenges).hasSize(1);
        var challenge = challenges.getFirst();
        assertThat(challenge.issuerKey()).contains(key.publicKey());
        return token(challenge.tokenChallenge(), key);
    }

    static HeaderFields authorization(Token token) {
        return HeaderFields.of(
                "authorization", PrivateTokenCredentials.format(token, ParameterStyle.QUOTED));
    }

    static HeaderFields proxyAuthorization(Token token) {
        return HeaderFields.of(
                "proxy-authorization",
                PrivateTokenCredentials.format(token, ParameterStyle.QUOTED));
    }
}
