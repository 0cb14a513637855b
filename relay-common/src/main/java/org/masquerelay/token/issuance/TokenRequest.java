package org.masquerelay.token.issuance;

import java.nio.ByteBuffer;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.TokenType;

/// What a client sends to an issuer (RFC 9578, [sections
/// 5.1](https://datatracker.ietf.org/doc/html/rfc9578#section-5.1) and 6.1).
public record TokenRequest(TokenType type, int truncatedTokenKeyId, ImmutableBytes blindedMessage) {
    public static final String MEDIA_TYPE = "application/private-token-request";

    private static final int MESSAGE_AT = 3;

    public TokenRequest {
        if (truncatedTokenKeyId < 0
                || truncatedTokenKeyId > 0xff
                || blindedMessage.length() != lengthOf(type) - MESSAGE_AT) {
            throw new IllegalArgumentException(Fault.WRONG_LENGTH.text());
        }
    }

    /// Token type, truncated key id, and a blinded message: an element or as long as the modulus.
    public static int lengthOf(TokenType type) {
        return MESSAGE_AT
                + switch (type) {
                    case VOPRF -> 49;
                    case BLIND_RSA -> 256;
                };
    }

    public static TokenRequest parse(byte[] wire) throws TokenFormatException {
        var type = TokenType.read(wire);
        if (wire.length != lengthOf(type)) {
            throw new TokenFormatException(Fault.WRONG_LENGTH);
        }
        return new TokenRequest(
                type,
                Byte.toUnsignedInt(wire[2]),
                ImmutableBytes.copyOfRange(wire, MESSAGE_AT, wire.length));
    }

    public byte[] serialise() {
        return ByteBuffer.allocate(lengthOf(type))
                .putShort((short) type.code())
                .put((byte) truncatedTokenKeyId)
                .put(blindedMessage.toArray())
                .array();
    }
}
