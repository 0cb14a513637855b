package org.masquerelay.token;

import java.util.Arrays;
import java.util.Optional;
import org.masquerelay.token.TokenFormatException.Fault;

/// The token types that are issued and redeemed here (RFC 9578, [section
/// 8.2](https://datatracker.ietf.org/doc/html/rfc9578#section-8.2)).
public enum TokenType {
    /// Privately verifiable: VOPRF(P-384, SHA-384). Only who has the issuer's private key can tell
    /// a genuine token.
    VOPRF(0x0001, 48),
    /// Publicly verifiable: blind RSA with a 2048-bit key.
    BLIND_RSA(0x0002, 256);

    private final int code;
    private final int authenticatorLength;

    TokenType(int code, int authenticatorLength) {
        this.code = code;
        this.authenticatorLength = authenticatorLength;
    }

    /// The u16 on the wire.
    public int code() {
        return code;
    }

    /// Nk of RFC 9578.
    public int authenticatorLength() {
        return authenticatorLength;
    }

    public int tokenLength() {
        return Token.AUTHENTICATOR_AT + authenticatorLength;
    }

    public static Optional<TokenType> of(int code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }

    /// The type at the head of a structure.
    public static TokenType read(byte[] wire) throws TokenFormatException {
        if (wire.length < Short.BYTES) {
            throw new TokenFormatException(Fault.TRUNCATED);
        }
        int code = Byte.toUnsignedInt(wire[0]) << 8 | Byte.toUnsignedInt(wire[1]);
        return of(code).orElseThrow(() -> new TokenFormatException(Fault.WRONG_TOKEN_TYPE));
    }
}
