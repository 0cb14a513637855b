package org.masquerelay.gate.token;

import java.util.List;
import org.masquerelay.gate.Scheme;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.token.TokenVerifier;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;

/// `token`: a token of a trusted issuer, good once (Privacy Pass, RFC 9577). It names nobody, which
/// is the point.
public final class PrivateTokenScheme implements Scheme {
    public static final String NAME = "token";

    private final ChallengeWindows windows;
    private final List<IssuerKey> issuerKeys;
    private final ParameterStyle style;
    private final ReactiveAuthenticationManager manager;

    /// @param style how the values of challenges are written
    public PrivateTokenScheme(
            ChallengeWindows windows,
            List<IssuerKey> issuerKeys,
            SpentTokenStore spent,
            ParameterStyle style) {
        this.windows = windows;
        this.issuerKeys = List.copyOf(issuerKeys);
        this.style = style;
        this.manager = new TokenRedeemer(new TokenVerifier(issuerKeys, windows::isLive), spent);
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

    /// One challenge per issuer key, all for the window that is current.
    @Override
    public List<String> challenges() {
        var challenge = windows.current();
        var maxAge = windows.maxAge();
        return issuerKeys.stream()
                .map(key -> PrivateTokenChallenge.of(challenge, key, maxAge))
                .map(one -> one.format(style))
                .toList();
    }
}
