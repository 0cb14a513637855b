package org.masquerelay.gate.token;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.gate.Scheme;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.GreasedChallenges;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.token.TrustedIssuers;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;

/// `token`: a token of a trusted issuer, good once (Privacy Pass, RFC 9577). It names nobody, which
/// is the point.
public final class PrivateTokenScheme implements Scheme {
    public static final String NAME = "token";

    private final ChallengeWindows windows;
    private final TrustedIssuers issuers;
    private final Challenging challenging;
    private final ReactiveAuthenticationManager manager;

    public PrivateTokenScheme(
            ChallengeWindows windows,
            TrustedIssuers issuers,
            SpentTokenStore spent,
            Challenging challenging) {
        this.windows = windows;
        this.issuers = issuers;
        this.challenging = challenging;
        this.manager = new TokenRedeemer(issuers, spent);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ServerAuthenticationConverter converter() {
        return new PrivateTokenConverter();
    }

    @Override
    public ReactiveAuthenticationManager manager() {
        return manager;
    }

    /// No issuer's directory has come yet: nobody is to blame, and it passes.
    @Override
    public Why missing() {
        return TokenFaults.NO_ISSUER;
    }

    /// One challenge per issuer and key whose time has come, all for the window that is current.
    @Override
    public List<String> challenges() {
        var now = challenging.clock.instant();
        var maxAge = windows.maxAge();
        var challenges = new ArrayList<PrivateTokenChallenge>();
        for (var issuer : issuers.all()) {
            for (var key : issuer.offered(now)) {
                var challenge = windows.current(issuer.name(), key.type());
                challenges.add(PrivateTokenChallenge.of(challenge, key, maxAge));
            }
        }
        // Grease among no challenges would be a request that no client can meet.
        return challenging
                .grease
                .filter(_ -> !challenges.isEmpty())
                .map(grease -> grease.among(challenges))
                .orElse(challenges)
                .stream()
                .map(one -> one.format(challenging.style))
                .toList();
    }

    /// How clients are asked.
    ///
    /// @param style how the values of challenges are written
    /// @param grease empty if there are no challenges but real ones
    /// @param clock tells whose key's time has come
    public record Challenging(
            ParameterStyle style, Optional<GreasedChallenges> grease, InstantSource clock) {
        public static Challenging plain(ParameterStyle style, InstantSource clock) {
            return new Challenging(style, Optional.empty(), clock);
        }
    }
}
