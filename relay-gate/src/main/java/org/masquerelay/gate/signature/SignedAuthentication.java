package org.masquerelay.gate.signature;

import java.util.List;
import org.masquerelay.signature.SignedMessage;
import org.springframework.security.authentication.AbstractAuthenticationToken;

/// A request that says it is signed, still to be judged.
final class SignedAuthentication extends AbstractAuthenticationToken {
    private static final long serialVersionUID = 1L;

    private final transient SignedMessage.Request request;

    SignedAuthentication(SignedMessage.Request request) {
        super(List.of());
        this.request = request;
    }

    SignedMessage.Request request() {
        return request;
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
