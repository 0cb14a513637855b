package org.masquerelay.boot.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/// Reads secrets of a fixed length from the configuration.
public final class SecretBytes {
    private static final String FILE = "file:";

    private SecretBytes() {}

    /// The bytes that `text` holds as base64, or `file:` and a path to a file that does.
    public static byte[] parse(String property, String text, int length) {
        byte[] bytes;
        try {
            String content =
                    text.startsWith(FILE)
                            ? Files.readString(Path.of(text.substring(FILE.length())), ISO_8859_1)
                            : text;
            bytes = Base64.getDecoder().decode(content.strip());
        } catch (IOException e) {
            throw unusable(property, "cannot be read: " + Reasons.innermost(e), length);
        } catch (IllegalArgumentException _) {
            throw unusable(property, "is not base64", length);
        }
        if (bytes.length != length) {
            throw unusable(property, "has " + bytes.length + " bytes", length);
        }
        return bytes;
    }

    private static BadSettingException unusable(String property, String problem, int length) {
        return new BadSettingException(
                property,
                problem,
                "Set it to "
                        + length
                        + " random bytes in base64, such as openssl rand -base64 "
                        + length
                        + " prints, or to file: and the path of a file with them");
    }
}
