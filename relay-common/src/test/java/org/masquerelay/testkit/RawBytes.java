package org.masquerelay.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/// Bytes put together by hand.
public final class RawBytes {
    private RawBytes() {}

    /// One after the other.
    public static byte[] concat(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    public static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    /// One byte for each character.
    public static byte[] latin1(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
