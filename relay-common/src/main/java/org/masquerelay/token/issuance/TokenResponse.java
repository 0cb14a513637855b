package org.masquerelay.token.issuance;

import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;

/// What an issuer answers: nothing but the blind signature ([RFC 9578, section
/// 6.2](https://datatracker.ietf.org/doc/html/rfc9578#section-6.2)).
public record TokenResponse(ImmutableBytes blindSignature) {
    public static final String MEDIA_TYPE = "application/private-token-response";
    public static final int LENGTH = 256;

    public TokenResponse {
        if (blindSignature.length() != LENGTH) {
            throw new IllegalArgumentException(Fault.WRONG_LENGTH.text());
        }
    }

    public static TokenResponse parse(byte[] wire) throws TokenFormatException {
        if (wire.length != LENGTH) {
            throw new TokenFormatException(Fault.WRONG_LENGTH);
        }
        return new TokenResponse(ImmutableBytes.copyOf(wire));
    }

    public byte[] serialise() {
        return blindSignature.toArray();
    }
}
