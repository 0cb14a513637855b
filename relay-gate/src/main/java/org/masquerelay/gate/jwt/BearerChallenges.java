package org.masquerelay.gate.jwt;

import java.util.List;
import org.masquerelay.gate.CredentialsRefusedException;
import org.masquerelay.gate.CredentialsRefusedException.Retort;
import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.tunnel.RefusalReason;

/// The challenges of RFC 6750, section 3: bare for a request without a token, with an error for one
/// whose token is not good.
///
/// @param realm without quotes and backslashes
record BearerChallenges(String realm) {
    List<String> bare() {
        return List.of("%s realm=\"%s\"".formatted(JwtScheme.AUTH_SCHEME, realm));
    }

    /// A refusal of a request that brought a token.
    CredentialsRefusedException refusal(Why why) {
        return why.reason() == RefusalReason.UNAUTHENTICATED
                ? new CredentialsRefusedException(why, new Retort(JwtScheme.NAME, invalid(why)))
                : new CredentialsRefusedException(why);
    }

    private List<String> invalid(Why why) {
        return List.of(
                "%s realm=\"%s\", error=\"invalid_token\", error_description=\"%s\""
                        .formatted(JwtScheme.AUTH_SCHEME, realm, why.details()));
    }
}
