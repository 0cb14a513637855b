package org.masquerelay.token;

import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.TokenFormatException.Fault;

/// What an Authorization or Proxy-Authorization field says about tokens ([RFC 9577, section
/// 2.2.2](https://datatracker.ietf.org/doc/html/rfc9577#section-2.2.2)).
public sealed interface PrivateTokenCredentials {

    /// The field holds credentials of another scheme, or none.
    record Absent() implements PrivateTokenCredentials {}

    /// The field claims to hold a token, but does not hold one of a known type.
    record Malformed(Fault fault) implements PrivateTokenCredentials {}

    /// The field holds a token, not yet verified.
    record Presented(Token token) implements PrivateTokenCredentials {}

    static PrivateTokenCredentials parse(String fieldValue) {
        if (!claimsPrivateToken(fieldValue.strip())) {
            return new Absent();
        }
        try {
            var schemes = AuthFieldReader.readAll(fieldValue);
            if (schemes.size() != 1) {
                return new Malformed(Fault.AUTH_SYNTAX);
            }
            String token = schemes.getFirst().parameters().get("token");
            return token == null
                    ? new Malformed(Fault.NO_TOKEN)
                    : new Presented(Token.parse(Base64Url.decode(token)));
        } catch (TokenFormatException e) {
            return new Malformed(e.fault());
        }
    }

    static String format(Token token, ParameterStyle style) {
        return PrivateTokenChallenge.SCHEME
                + " token="
                + style.write(Base64Url.encode(token.serialise()));
    }

    private static boolean claimsPrivateToken(String fieldValue) {
        String scheme = PrivateTokenChallenge.SCHEME;
        boolean named = fieldValue.regionMatches(true, 0, scheme, 0, scheme.length());
        return named
                && (fieldValue.length() == scheme.length()
                        || " \t,".indexOf(fieldValue.charAt(scheme.length())) >= 0);
    }
}
