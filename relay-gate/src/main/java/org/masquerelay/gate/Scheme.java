package org.masquerelay.gate;

import java.util.List;
import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelRequest;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;

/// One way for a client to show that it may enter: a token, a certificate, a password.
///
/// It becomes an authentication filter of the chain for tunnel requests. Which schemes are in
/// force, and which have to succeed together, is what [Admit] says (`relay.auth.admit`). A bean of
/// an operator is one more scheme, under its own name.
///
/// Filters run on the event loop of the request: what takes long is done elsewhere, and the
/// decision comes back by itself.
public interface Scheme {
    /// As in `relay.auth.admit`: lower-case letters, digits and hyphens.
    String name();

    /// Finds credentials of this scheme in a request: empty where there are none, a
    /// [CredentialsRefusedException] where they cannot be read.
    ServerAuthenticationConverter converter();

    /// Judges what the converter has found: a [TunnelAuthentication] of this scheme, or a
    /// [CredentialsRefusedException], never empty. A scheme whose failures count as if there had
    /// been no credentials judges in its converter.
    ReactiveAuthenticationManager manager();

    /// What to send as WWW-Authenticate or Proxy-Authenticate, one value per challenge, none where
    /// HTTP has no words for it.
    default List<String> challenges() {
        return List.of();
    }

    /// Fields that go with the challenges of all schemes and help a client to meet this one.
    default HeaderFields hints(TunnelRequest request) {
        return HeaderFields.NONE;
    }

    /// Says cheaply whether the converter may find something. When no scheme says so, a request is
    /// refused before any rule runs.
    default boolean isPresented(ServerWebExchange exchange) {
        return CredentialFields.areIn(exchange);
    }

    /// The answer to a request without credentials where no scheme in force has a challenge.
    default Why missing() {
        return new Why(RefusalReason.FORBIDDEN, "the request brings no credentials");
    }

    /// The same, where the request shows why it brings none that count.
    default Why missing(TunnelRequest request) {
        return missing();
    }
}
