package org.masquerelay.token;

import java.nio.ByteBuffer;
import org.masquerelay.token.TokenFormatException.Fault;

/// A token of type 0x0002, as a client presents it (`Token`, [RFC 9577, section
/// 2.2.1](https://datatracker.ietf.org/doc/html/rfc9577#section-2.2.1)).
///
/// That it parses says nothing about whether it is genuine: see [TokenVerifier].
public record Token(
        ImmutableBytes nonce,
        ImmutableBytes challengeDigest,
        ImmutableBytes tokenKeyId,
        ImmutableBytes authenticator) {
    /// Blind RSA with a 2048-bit key (RFC 9578, section 8.2.2).
    public static final int TYPE = 0x0002;

    public static final int NONCE_LENGTH = 32;
    public static final int LENGTH = 354;

    private static final int DIGEST_AT = 2 + NONCE_LENGTH;
    private static final int KEY_ID_AT = DIGEST_AT + 32;
    private static final int AUTHENTICATOR_AT = KEY_ID_AT + 32;

    public Token {
        if (nonce.length() != NONCE_LENGTH
                || challengeDigest.length() != KEY_ID_AT - DIGEST_AT
                || tokenKeyId.length() != AUTHENTICATOR_AT - KEY_ID_AT
                || authenticator.length() != LENGTH - AUTHENTICATOR_AT) {
            throw new IllegalArgumentException(Fault.WRONG_LENGTH.text());
        }
    }

    public static Token parse(byte[] wire) throws TokenFormatException {
        if (wire.length < 2) {
            throw new TokenFormatException(Fault.TRUNCATED);
        }
        if (wire[0] != TYPE >> 8 || wire[1] != TYPE) {
            throw new TokenFormatException(Fault.WRONG_TOKEN_TYPE);
        }
        if (wire.length != LENGTH) {
            throw new TokenFormatException(Fault.WRONG_LENGTH);
        }
        return new Token(
                ImmutableBytes.copyOfRange(wire, 2, DIGEST_AT),
                ImmutableBytes.copyOfRange(wire, DIGEST_AT, KEY_ID_AT),
                ImmutableBytes.copyOfRange(wire, KEY_ID_AT, AUTHENTICATOR_AT),
                ImmutableBytes.copyOfRange(wire, AUTHENTICATOR_AT, LENGTH));
    }

    /// What an authenticator signs: everything before it.
    public static byte[] authenticatorInput(
            ImmutableBytes nonce, ImmutableBytes challengeDigest, ImmutableBytes tokenKeyId) {
        return ByteBuffer.allocate(AUTHENTICATOR_AT)
                .putShort((short) TYPE)
                .put(nonce.toArray())
                .put(challengeDigest.toArray())
                .put(tokenKeyId.toArray())
                .array();
    }

    public byte[] authenticatorInput() {
        return authenticatorInput(nonce, challengeDigest, tokenKeyId);
    }

    public byte[] serialise() {
        return ByteBuffer.allocate(LENGTH)
                .put(authenticatorInput())
                .put(authenticator.toArray())
                .array();
    }
}
