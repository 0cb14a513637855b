package org.masquerelay.gate.basic;

import java.util.List;
import java.util.function.Supplier;
import org.masquerelay.gate.Scheme;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;

/// `basic`: a name and a password (RFC 7617). The tenant is the name.
public final class BasicScheme implements Scheme {
    public static final String NAME = "basic";

    static final String AUTH_SCHEME = "Basic";

    private final List<String> challenges;
    private final ReactiveAuthenticationManager manager;

    /// @param realm without quotes and backslashes
    /// @param users who may enter, as of now
    public BasicScheme(String realm, Supplier<Users> users, PasswordVerifier verifier) {
        // RFC 7617, section 2.1: names and passwords are read as UTF-8.
        this.challenges = List.of(AUTH_SCHEME + " realm=\"" + realm + "\", charset=\"UTF-8\"");
        this.manager = new BasicManager(users, verifier);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ServerAuthenticationConverter converter() {
        return new BasicConverter();
    }

    @Override
    public ReactiveAuthenticationManager manager() {
        return manager;
    }

    @Override
    public List<String> challenges() {
        return challenges;
    }
}
