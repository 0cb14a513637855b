package org.masquerelay.gate.basic;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.Optional;

/// A name and a password as a client sends them (RFC 7617, section 2).
record BasicCredentials(String name, String password) {
    /// In characters of base64; room for a name of 256 and a password of 512 bytes.
    private static final int MAX_LENGTH = 1028;

    /// Reads what follows `Basic`: base64 of name, colon and password in UTF-8. Empty for anything
    /// else, control characters among it.
    static Optional<BasicCredentials> parse(String encoded) {
        if (encoded.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(encoded);
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            int colon = text.indexOf(':');
            return colon < 0 || text.chars().anyMatch(Character::isISOControl)
                    ? Optional.empty()
                    : Optional.of(
                            new BasicCredentials(
                                    text.substring(0, colon), text.substring(colon + 1)));
        } catch (IllegalArgumentException | CharacterCodingException _) {
            return Optional.empty();
        }
    }

    /// Says nothing, as it could end in a log.
    @Override
    public String toString() {
        return "BasicCredentials";
    }
}
