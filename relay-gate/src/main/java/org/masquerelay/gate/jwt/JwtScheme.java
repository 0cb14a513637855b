package org.masquerelay.gate.jwt;

import java.time.InstantSource;
import java.util.List;
import org.masquerelay.gate.Scheme;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;

/// `jwt`: a JSON Web Token of an authorization server, as a bearer token (RFC 6750). The tenant is
/// one of its claims.
public final class JwtScheme implements Scheme {
    public static final String NAME = "jwt";

    static final String AUTH_SCHEME = "Bearer";

    private final BearerChallenges challenges;
    private final ReactiveAuthenticationManager manager;

    /// @param realm without quotes and backslashes
    public JwtScheme(String realm, JwtRules rules, JwtKeys keys, InstantSource clock) {
        this.challenges = new BearerChallenges(realm);
        this.manager = new JwtManager(new JwtVerifier(rules, clock), keys, challenges);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ServerAuthenticationConverter converter() {
        return new BearerConverter(challenges);
    }

    @Override
    public ReactiveAuthenticationManager manager() {
        return manager;
    }

    @Override
    public List<String> challenges() {
        return challenges.bare();
    }
}
