package org.masquerelay.signature;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// The one notation of a name or value of a query that is a form ([RFC 9421, section
/// 2.2.8](https://datatracker.ietf.org/doc/html/rfc9421#section-2.2.8)): decoded, read as UTF-8,
/// and encoded again with `%20` for a space.
final class FormEncoding {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private FormEncoding() {}

    static String normalise(String text) {
        var out = new StringBuilder(text.length());
        // Bytes that are no UTF-8 become U+FFFD, as the form parser of browsers has it.
        var decoded = new String(decode(text), StandardCharsets.UTF_8);
        for (byte each : decoded.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(each)) {
                out.append((char) each);
            } else {
                HEX.toHexDigits(out.append('%'), each);
            }
        }
        return out.toString();
    }

    private static byte[] decode(String text) {
        var bytes = text.replace('+', ' ').getBytes(StandardCharsets.UTF_8);
        var out = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            boolean escaped =
                    bytes[i] == '%'
                            && i + 2 < bytes.length
                            && HexFormat.isHexDigit(bytes[i + 1])
                            && HexFormat.isHexDigit(bytes[i + 2]);
            if (escaped) {
                out.write(
                        HexFormat.fromHexDigit(bytes[i + 1]) << 4
                                | HexFormat.fromHexDigit(bytes[i + 2]));
                i += 2;
            } else {
                out.write(bytes[i]);
            }
        }
        return out.toByteArray();
    }

    private static boolean isPlain(byte each) {
        return (each >= 'a' && each <= 'z')
                || (each >= 'A' && each <= 'Z')
                || (each >= '0' && each <= '9')
                || each == '*'
                || each == '-'
                || each == '.'
                || each == '_';
    }
}
