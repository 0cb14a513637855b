package org.masquerelay.concealed;

import java.util.Base64;
import java.util.Optional;
import org.masquerelay.token.ImmutableBytes;

/// What an Authorization or Proxy-Authorization field of the scheme `Concealed` says ([RFC 9729,
/// section 4](https://datatracker.ietf.org/doc/html/rfc9729#section-4)); not yet verified.
///
/// @param keyId `k`
/// @param publicKey `a`
/// @param scheme `s`, the code of a signature scheme of TLS, known or not
/// @param verification `v`
/// @param proof `p`
/// @param realm empty where none was sent
public record ConcealedCredentials(
        ImmutableBytes keyId,
        ImmutableBytes publicKey,
        int scheme,
        ImmutableBytes verification,
        ImmutableBytes proof,
        String realm) {
    public static final String NAME = "Concealed";

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    /// The credentials of a field value. Nothing if it is of another scheme, or if a parameter is
    /// missing, comes twice or cannot be read: RFC 9729, section 6.1, ignores such a field.
    public static Optional<ConcealedCredentials> parse(String fieldValue) {
        return new ConcealedParameters(fieldValue).read();
    }

    /// The value of the field.
    public String format() {
        return NAME
                + " k="
                + ENCODER.encodeToString(keyId.toArray())
                + ", a="
                + ENCODER.encodeToString(publicKey.toArray())
                + ", s="
                + scheme
                + ", v="
                + ENCODER.encodeToString(verification.toArray())
                + ", p="
                + ENCODER.encodeToString(proof.toArray())
                + (realm.isEmpty() ? "" : ", realm=\"" + quoted(realm) + "\"");
    }

    private static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
