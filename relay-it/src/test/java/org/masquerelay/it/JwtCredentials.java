package org.masquerelay.it;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.masquerelay.gate.jwt.JwtMint;
import org.masquerelay.tunnel.HeaderFields;

/// JSON Web Tokens of an issuer whose keys the ingress has. They are good as often as their owner
/// likes until they expire.
final class JwtCredentials implements Credentials {
    private final JwtMint mint = JwtMint.of("ES256");
    private final JwtMint stranger = JwtMint.of("ES256");

    @Override
    public String scheme() {
        return "jwt";
    }

    @Override
    public List<String> settings(Path directory) {
        return List.of(
                "--relay.auth.jwt.issuer=" + JwtMint.ISSUER,
                "--relay.auth.jwt.audience=" + JwtMint.AUDIENCE,
                "--relay.auth.jwt.jwk-set=" + mint.keys());
    }

    @Override
    public String challenge() {
        return "Bearer";
    }

    @Override
    public Answer answer(Case which) {
        return switch (which) {
            case ABSENT, MALFORMED, WRONG_KEY, EXPIRED -> Answer.CHALLENGED;
            case REVOKED -> Answer.NO_SUCH_CASE;
            case REPLAYED, RIGHT -> Answer.TUNNEL;
        };
    }

    @Override
    public HeaderFields fields(Case which, Attempt attempt) {
        var token =
                switch (which) {
                    case MALFORMED -> "a.b";
                    case WRONG_KEY -> stranger.token();
                    case EXPIRED ->
                            mint.token(claims ->
                                    claims.expirationTime(
                                            Date.from(Instant.now().minusSeconds(60))));
                    default -> mint.token();
                };
        return HeaderFields.of(attempt.field(), "Bearer " + token);
    }
}
