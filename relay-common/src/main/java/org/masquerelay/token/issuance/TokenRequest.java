package org.masquerelay.token.issuance;

import java.nio.ByteBuffer;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;

/// What a client sends to an issuer ([RFC 9578, section
/// 6.1](https://datatracker.ietf.org/doc/html/rfc9578#section-6.1)).
public record TokenRequest(int truncatedTokenKeyId, ImmutableBytes blindedMessage) {
    public static final String MEDIA_TYPE = "application/private-token-request";

    /// Token type, truncated key id and a blinded message of 256 bytes.
    public static final int LENGTH = 2 + 1 + 256;

    private static final int MESSAGE_AT = 3;

    public TokenRequest {
        if (truncatedTokenKeyId < 0
                || truncatedTokenKeyId > 0xff
                || blindedMessage.length() != LENGTH - MESSAGE_AT) {
            throw new IllegalArgumentException(Fault.WRONG_LENGTH.text());
        }
    }

    public static TokenRequest parse(byte[] wire) throws TokenFormatException {
        if (wire.length < 2) {
            throw new TokenFormatException(Fault.TRUNCATED);
        }
        if (wire[0] != Token.TYPE >> 8 || wire[1] != Token.TYPE) {
            throw new TokenFormatException(Fault.WRONG_TOKEN_TYPE);
        }
        if (wire.length != LENGTH) {
            throw new TokenFormatException(Fault.WRONG_LENGTH);
        }
        return new TokenRequest(
                Byte.toUnsignedInt(wire[2]), ImmutableBytes.copyOfRange(wire, MESSAGE_AT, LENGTH));
    }

    public byte[] serialise() {
        return ByteBuffer.allocate(LENGTH)
                .putShort((short) Token.TYPE)
                .put((byte) truncatedTokenKeyId)
                .put(blindedMessage.toArray())
                .array();
    }
}
