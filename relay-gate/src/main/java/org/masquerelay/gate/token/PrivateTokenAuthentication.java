package org.masquerelay.gate.token;

import java.util.List;
import org.springframework.security.authentication.AbstractAuthenticationToken;

/// A token that was found in a request and is still to be judged.
final class PrivateTokenAuthentication extends AbstractAuthenticationToken {
    private static final long serialVersionUID = 1L;

    private final transient Redemption redemption;

    PrivateTokenAuthentication(Redemption redemption) {
        super(List.of());
        this.redemption = redemption;
    }

    Redemption redemption() {
        return redemption;
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
