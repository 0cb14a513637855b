package org.masquerelay.token;

import java.nio.ByteBuffer;
import org.masquerelay.token.TokenFormatException.Fault;

/// A token as a client presents it (`Token`, [RFC 9577, section
/// 2.2.1](https://datatracker.ietf.org/doc/html/rfc9577#section-2.2.1)).
///
/// That it parses says nothing about whether it is genuine: see [TokenVerifier].
public record Token(
        TokenType type,
        ImmutableBytes nonce,
        ImmutableBytes challengeDigest,
        ImmutableBytes tokenKeyId,
        ImmutableBytes authenticator) {
    public static final int NONCE_LENGTH = 32;

    private static final int DIGEST_AT = 2 + NONCE_LENGTH;
    private static final int KEY_ID_AT = DIGEST_AT + 32;
    static final int AUTHENTICATOR_AT = KEY_ID_AT + 32;

    public Token {
        if (nonce.length() != NONCE_LENGTH
                || challengeDigest.length() != KEY_ID_AT - DIGEST_AT
                || tokenKeyId.length() != AUTHENTICATOR_AT - KEY_ID_AT
                || authenticator.length() != type.authenticatorLength()) {
            throw new IllegalArgumentException(Fault.WRONG_LENGTH.text());
        }
    }

    /// A token of type 0x0002.
    public Token(
            ImmutableBytes nonce,
            ImmutableBytes challengeDigest,
            ImmutableBytes tokenKeyId,
            ImmutableBytes authenticator) {
        this(TokenType.BLIND_RSA, nonce, challengeDigest, tokenKeyId, authenticator);
    }

    public static Token parse(byte[] wire) throws TokenFormatException {
        var type = TokenType.read(wire);
        if (wire.length != type.tokenLength()) {
            throw new TokenFormatException(Fault.WRONG_LENGTH);
        }
        return new Token(
                type,
                ImmutableBytes.copyOfRange(wire, 2, DIGEST_AT),
                ImmutableBytes.copyOfRange(wire, DIGEST_AT, KEY_ID_AT),
                ImmutableBytes.copyOfRange(wire, KEY_ID_AT, AUTHENTICATOR_AT),
                ImmutableBytes.copyOfRange(wire, AUTHENTICATOR_AT, wire.length));
    }

    /// What an authenticator is made from: everything before it.
    public record AuthenticatorInput(
            TokenType type,
            ImmutableBytes nonce,
            ImmutableBytes challengeDigest,
            ImmutableBytes tokenKeyId) {

        public byte[] serialise() {
            return ByteBuffer.allocate(AUTHENTICATOR_AT)
                    .putShort((short) type.code())
                    .put(nonce.toArray())
                    .put(challengeDigest.toArray())
                    .put(tokenKeyId.toArray())
                    .array();
        }

        public Token with(byte[] authenticator) {
            return new Token(
                    type, nonce, challengeDigest, tokenKeyId, ImmutableBytes.copyOf(authenticator));
        }
    }

    public byte[] authenticatorInput() {
        return new AuthenticatorInput(type, nonce, challengeDigest, tokenKeyId).serialise();
    }

    public byte[] serialise() {
        return ByteBuffer.allocate(type.tokenLength())
                .put(authenticatorInput())
                .put(authenticator.toArray())
                .array();
    }
}
