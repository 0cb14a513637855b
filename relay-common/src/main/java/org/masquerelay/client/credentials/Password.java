package org.masquerelay.client.credentials;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Optional;
import org.masquerelay.http.RequestCredentials;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;

/// A name and a password ([RFC 7617](https://datatracker.ietf.org/doc/html/rfc7617), in UTF-8).
public final class Password implements RequestCredentials {
    private final String value;

    /// @throws IllegalArgumentException for a name with a colon, or a control character in either
    public Password(String name, String password) {
        // RFC 7617, section 2.
        if (name.indexOf(':') >= 0) {
            throw new IllegalArgumentException("a name has no colon");
        }
        if ((name + password).chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a name or a password has no control characters");
        }
        var both = (name + ":" + password).getBytes(UTF_8);
        value = "Basic " + Base64.getEncoder().encodeToString(both);
    }

    @Override
    public Optional<HeaderFields> on(RequestHead request, Line line) {
        return CredentialField.add(request, value);
    }
}
