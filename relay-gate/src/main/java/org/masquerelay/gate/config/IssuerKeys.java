package org.masquerelay.gate.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.pki.Pem;
import org.masquerelay.token.Base64Url;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.TokenFormatException;

/// Reads the public keys of trusted issuers from the configuration.
final class IssuerKeys {
    private static final String PROPERTY = "relay.auth.issuer-keys";
    private static final String FILE = "file:";

    private IssuerKeys() {}

    static List<IssuerKey> parse(List<String> texts) {
        var keys = new ArrayList<IssuerKey>();
        for (int i = 0; i < texts.size(); i++) {
            keys.add(parse(PROPERTY + "[" + i + "]", texts.get(i)));
        }
        return keys;
    }

    private static IssuerKey parse(String property, String text) {
        try {
            String content =
                    text.startsWith(FILE)
                            ? Files.readString(Path.of(text.substring(FILE.length())))
                            : text;
            return IssuerKey.parse(
                    content.contains("-----BEGIN")
                            ? Pem.block(content, "PUBLIC KEY")
                            : Base64Url.decode(content.strip()));
        } catch (IOException e) {
            throw unusable(property, "cannot be read: " + e.getMessage());
        } catch (TokenFormatException e) {
            throw unusable(property, "is not a key for tokens of type 0x0002: " + e.getMessage());
        }
    }

    private static BadSettingException unusable(String property, String problem) {
        return new BadSettingException(
                property,
                problem,
                "Set it to the issuer's 2048-bit RSASSA-PSS public key, as PEM, as base64url of its"
                        + " SubjectPublicKeyInfo, or as file: and a path to PEM");
    }
}
