package org.masquerelay.ingress.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.issuance.IssuerKeyFile;
import org.masquerelay.token.issuance.IssuerKeyPair;

/// The key of the issuer inside the ingress, if there is one.
///
/// @param key empty when tokens are issued elsewhere
public record DevelopmentIssuer(Optional<IssuerKeyPair> key) {
    private static final String KEY_FILE = "relay.issuer.key-file";

    static DevelopmentIssuer of(IngressProperties relay, IngressTls tls) {
        var enabled = relay.issuer().enabled();
        boolean development = tls.development().isPresent() && relay.auth().issuerKeys().isEmpty();
        boolean issues = enabled == null ? development : enabled;
        return new DevelopmentIssuer(issues ? Optional.of(key(relay, tls)) : Optional.empty());
    }

    private static IssuerKeyPair key(IngressProperties relay, IngressTls tls) {
        String file = relay.issuer().keyFile();
        if (file.isEmpty() && tls.development().isEmpty()) {
            throw new BadSettingException(
                    KEY_FILE,
                    "is empty although relay.issuer.enabled is true and SSL bundles are configured",
                    "Set it to a file with a private RSA key in PKCS #8, or leave"
                            + " relay.issuer.enabled out");
        }
        try {
            return file.isEmpty()
                    ? IssuerKeyPair.parsePkcs8(
                            tls.development().orElseThrow().issuerKey().getEncoded())
                    : new IssuerKeyFile(Path.of(file)).load();
        } catch (IOException | TokenFormatException e) {
            throw new BadSettingException(
                    KEY_FILE,
                    "does not give an issuer key: " + e.getMessage(),
                    "Set it to a file with a 2048-bit private RSA key in PKCS #8");
        }
    }
}
