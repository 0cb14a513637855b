package org.masquerelay.gate.jwt;

import java.util.List;
import org.springframework.security.authentication.AbstractAuthenticationToken;

/// A bearer token that was found in a request and is still to be judged.
final class BearerToken extends AbstractAuthenticationToken {
    private static final long serialVersionUID = 1L;

    private final transient String value;

    BearerToken(String value) {
        super(List.of());
        this.value = value;
    }

    String value() {
        return value;
    }

    @Override
    public Object getCredentials() {
        return "";
    }

    @Override
    public Object getPrincipal() {
        return "";
    }
}
