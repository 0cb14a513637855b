package org.masquerelay.gate.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.pki.Pem;
import org.masquerelay.token.Base64Url;
import org.masquerelay.token.BlindRsaKey;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.keys.PemKeys;

/// Reads the keys of trusted issuers from the configuration: public ones for publicly verifiable
/// tokens, private ones for the others.
final class IssuerKeys {
    private static final String PROPERTY = "relay.auth.issuer-keys";
    private static final String FILE = "file:";
    private static final String PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----";

    private IssuerKeys() {}

    static List<TrustedIssuer.Key> parse(List<String> texts) {
        return parse(PROPERTY, texts);
    }

    static List<TrustedIssuer.Key> parse(String property, List<String> texts) {
        var keys = new ArrayList<TrustedIssuer.Key>();
        for (int i = 0; i < texts.size(); i++) {
            keys.addAll(parse(property + "[" + i + "]", texts.get(i)));
        }
        return keys;
    }

    private static List<TrustedIssuer.Key> parse(String property, String text) {
        try {
            String content =
                    text.startsWith(FILE)
                            ? Files.readString(Path.of(text.substring(FILE.length())))
                            : text;
            if (content.contains(PRIVATE_KEY)) {
                return PemKeys.parse(content.getBytes(StandardCharsets.ISO_8859_1))
                        .trusted("", Instant.EPOCH)
                        .keys();
            }
            byte[] encoded =
                    content.contains("-----BEGIN")
                            ? Pem.block(content, "PUBLIC KEY")
                            : Base64Url.decode(content.strip());
            return List.of(TrustedIssuer.Key.usable(BlindRsaKey.parse(encoded)));
        } catch (IOException e) {
            throw unusable(property, "cannot be read: " + e.getMessage());
        } catch (TokenFormatException e) {
            throw unusable(
                    property, "is not a key that tokens are verified with: " + e.getMessage());
        }
    }

    private static BadSettingException unusable(String property, String problem) {
        return new BadSettingException(
                property,
                problem,
                "Set it to the issuer's 2048-bit RSASSA-PSS public key, as PEM, as base64url of its"
                        + " SubjectPublicKeyInfo, or as file: and a path to PEM; for tokens of type"
                        + " 0x0001, to PEM of the issuer's private key on P-384");
    }
}
