package org.masquerelay.client.credentials;

import java.util.Optional;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;

/// The fields for credentials, of which each takes those of one scheme ([RFC 9110, section
/// 11](https://datatracker.ietf.org/doc/html/rfc9110#section-11)).
final class CredentialField {
    private static final String ORIGIN = "authorization";
    private static final String PROXY = "proxy-authorization";

    private CredentialField() {}

    /// The fields of `request` with `value` behind them, in Proxy-Authorization of a classic
    /// CONNECT and in Authorization of everything else, or else in the other. Nothing where neither
    /// is free.
    static Optional<HeaderFields> add(RequestHead request, String value) {
        boolean asProxy = request.path() == null;
        return addTo(asProxy ? PROXY : ORIGIN, request, value)
                .or(() -> addTo(asProxy ? ORIGIN : PROXY, request, value));
    }

    private static Optional<HeaderFields> addTo(String name, RequestHead request, String value) {
        var fields = request.fields();
        return fields.contains(name) ? Optional.empty() : Optional.of(fields.with(name, value));
    }
}
