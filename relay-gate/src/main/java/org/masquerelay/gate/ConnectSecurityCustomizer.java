package org.masquerelay.gate;

import org.springframework.security.config.web.server.ServerHttpSecurity;

/// An operator's rules for tunnel requests: every bean of this type gets to change the security of
/// CONNECT before it is built.
///
/// It may add filters and ways to authenticate (`x509`, `oauth2ResourceServer`), and matchers to
/// `authorizeExchange` that come before the last one. That last one belongs to the relay and asks
/// for an authenticated request, so a customizer does not call `anyExchange`. The kind and target
/// of a tunnel are in the attribute [ConnectExchange#TUNNEL].
@FunctionalInterface
public interface ConnectSecurityCustomizer {
    void customize(ServerHttpSecurity http);

    /// Whether this admits only requests that bring Authorization, Proxy-Authorization or a client
    /// certificate. When all customizers say so, a request with none of them is refused before any
    /// rule runs, at a tenth of the cost.
    default boolean needsCredentials() {
        return false;
    }
}
