package org.masquerelay.token;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.masquerelay.token.TokenFormatException.Fault;

/// base64url: written with padding, as RFC 9577 demands, and read with or without it and in either
/// alphabet.
public final class Base64Url {
    private Base64Url() {}

    public static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().encodeToString(bytes);
    }

    public static byte[] decode(String text) throws TokenFormatException {
        // At most two, and only at the end: elsewhere the decoder must see and refuse them.
        int padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
        String bare = text.substring(0, text.length() - padding);
        if (bare.endsWith("=")) {
            throw new TokenFormatException(Fault.BASE64);
        }
        bare = bare.replace('+', '-').replace('/', '_');
        try {
            return Base64.getUrlDecoder().decode(bare.getBytes(StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException e) {
            throw new TokenFormatException(Fault.BASE64);
        }
    }
}
