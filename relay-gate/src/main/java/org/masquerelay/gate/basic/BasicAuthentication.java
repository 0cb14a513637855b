package org.masquerelay.gate.basic;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.springframework.security.authentication.AbstractAuthenticationToken;

/// A name and a password that were found in a request and are still to be judged.
final class BasicAuthentication extends AbstractAuthenticationToken {
    private static final long serialVersionUID = 1L;

    private final transient BasicCredentials presented;
    private final transient Optional<InetAddress> client;

    BasicAuthentication(BasicCredentials presented, Optional<InetAddress> client) {
        super(List.of());
        this.presented = presented;
        this.client = client;
    }

    BasicCredentials presented() {
        return presented;
    }

    /// Where the request comes from.
    Optional<InetAddress> client() {
        return client;
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
