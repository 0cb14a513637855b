package org.masquerelay.it;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.cli.token.Challenges;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.PrivateTokenCredentials;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.PendingToken;
import org.masquerelay.token.issuance.TokenIssuer;
import org.masquerelay.tunnel.HeaderFields;

/// Privacy Pass, with tokens of the ingress's own issuer.
final class TokenCredentials implements Credentials {
    private static final SecureRandom RANDOM = new SecureRandom();

    @Override
    public String scheme() {
        return "token";
    }

    @Override
    public List<String> settings(Path directory) {
        return List.of();
    }

    @Override
    public String challenge() {
        return "PrivateToken";
    }

    @Override
    public Answer answer(Case which) {
        return switch (which) {
            case ABSENT, MALFORMED, EXPIRED, REPLAYED -> Answer.CHALLENGED;
            case WRONG_KEY -> Answer.REFUSED;
            case REVOKED -> Answer.NO_SUCH_CASE;
            case RIGHT -> Answer.TUNNEL;
        };
    }

    @Override
    public HeaderFields fields(Case which, Attempt attempt) throws Exception {
        if (which == Case.MALFORMED) {
            return HeaderFields.of(attempt.field(), "PrivateToken token=\"AAAA\"");
        }
        try (var relay = attempt.hops().connect()) {
            var challenges = Challenges.askFor(relay);
            var token =
                    switch (which) {
                        case WRONG_KEY -> ofAStranger(challenges.offered());
                        case EXPIRED ->
                                attempt.hops().fetcher(relay).fetch(ofAnotherTime(challenges));
                        default -> attempt.hops().fetcher(relay).fetch(challenges);
                    };
            return HeaderFields.of(
                    attempt.field(), PrivateTokenCredentials.format(token, ParameterStyle.QUOTED));
        }
    }

    /// The right challenge, and the key of an issuer that nobody knows.
    private static Token ofAStranger(List<PrivateTokenChallenge> offered) throws Exception {
        var issuer = IssuerKeyPair.generate(RANDOM);
        for (var one : offered) {
            if (one.type().filter(TokenType.BLIND_RSA::equals).isPresent()) {
                var pending = PendingToken.start(one.tokenChallenge(), issuer.publicKey(), RANDOM);
                var issued = new TokenIssuer(List.of(issuer)).issue(pending.request());
                if (issued instanceof TokenIssuer.Issuance.Issued(var response)) {
                    return pending.finish(response.serialise());
                }
            }
        }
        throw new AssertionError("no challenge for a token of type 2");
    }

    /// Challenges as the ingress gave them out long ago: with another redemption context.
    private static Challenges ofAnotherTime(Challenges now) throws TokenFormatException {
        var old = new ArrayList<PrivateTokenChallenge>();
        byte[] context = new byte[32];
        RANDOM.nextBytes(context);
        for (var one : now.offered()) {
            var challenge = one.tokenChallenge();
            var before =
                    new TokenChallenge(
                            challenge.tokenType(),
                            challenge.issuerName(),
                            ImmutableBytes.copyOf(context),
                            challenge.originInfo());
            old.add(
                    new PrivateTokenChallenge(
                            ImmutableBytes.copyOf(before.serialise()),
                            one.tokenKey(),
                            one.maxAge()));
        }
        return new Challenges(now.field(), old);
    }
}
