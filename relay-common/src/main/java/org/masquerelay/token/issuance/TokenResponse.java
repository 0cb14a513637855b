package org.masquerelay.token.issuance;

import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.TokenType;

/// What an issuer answers (RFC 9578, [sections
/// 5.2](https://datatracker.ietf.org/doc/html/rfc9578#section-5.2) and 6.2): an evaluated element
/// and a proof, or a blind signature. Only who asked knows of which type it is.
public record TokenResponse(TokenType type, ImmutableBytes content) {
    public static final String MEDIA_TYPE = "application/private-token-response";

    public TokenResponse {
        if (content.length() != lengthOf(type)) {
            throw new IllegalArgumentException(Fault.WRONG_LENGTH.text());
        }
    }

    public static int lengthOf(TokenType type) {
        return switch (type) {
            case VOPRF -> 49 + 96;
            case BLIND_RSA -> 256;
        };
    }

    public static TokenResponse parse(TokenType type, byte[] wire) throws TokenFormatException {
        if (wire.length != lengthOf(type)) {
            throw new TokenFormatException(Fault.WRONG_LENGTH);
        }
        return new TokenResponse(type, ImmutableBytes.copyOf(wire));
    }

    public byte[] serialise() {
        return content.toArray();
    }
}
