package org.masquerelay.wire;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Percent-encoding of RFC 3986, section 2, over UTF-8.
final class PercentEncoding {

    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private PercentEncoding() {}

    static boolean isUnreserved(char c) {
        return Ascii.isAlphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
    }

    /// Encodes all but the unreserved characters.
    static String encode(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (isUnreserved(c)) {
                out.append(c);
            } else {
                out.append('%').append(HEX[c >>> 4]).append(HEX[c & 0xf]);
            }
        }
        return out.toString();
    }

    /// Decodes once: what looks encoded after that is plain text.
    static String decode(String text) throws WireFormatException {
        if (text.indexOf('%') < 0) {
            return text;
        }
        ByteBuffer bytes = ByteBuffer.allocate(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                bytes.put(escapedByte(text, i));
                i += 2;
            } else {
                bytes.put((byte) c);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException _) {
            throw new WireFormatException("a percent-encoded value is not UTF-8");
        }
    }

    private static byte escapedByte(String text, int at) throws WireFormatException {
        int high = at + 2 < text.length() ? Ascii.hexDigit(text.charAt(at + 1)) : -1;
        int low = at + 2 < text.length() ? Ascii.hexDigit(text.charAt(at + 2)) : -1;
        if (high < 0 || low < 0) {
            throw new WireFormatException("a '%' is not followed by two hexadecimal digits");
        }
        return (byte) (high << 4 | low);
    }
}
