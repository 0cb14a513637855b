package org.masquerelay.ingress.config;

import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.Optional;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.IssuerKeySet;
import org.masquerelay.token.issuance.VoprfKeyPair;
import org.masquerelay.token.keys.IssuerKeyStore;

/// The keys of the issuer inside the ingress, if there is one.
///
/// @param keys empty when tokens are issued elsewhere
public record DevelopmentIssuer(Optional<IssuerKeySet> keys) {
    private static final String KEY_FILE = "relay.issuer.key-file";

    static DevelopmentIssuer of(IngressProperties relay, IngressTls tls) {
        var enabled = relay.issuer().enabled();
        boolean development = tls.development().isPresent() && relay.auth().issuerKeys().isEmpty();
        boolean issues = enabled == null ? development : enabled;
        return new DevelopmentIssuer(issues ? Optional.of(keys(relay, tls)) : Optional.empty());
    }

    private static IssuerKeySet keys(IngressProperties relay, IngressTls tls) {
        String file = relay.issuer().keyFile();
        if (file.isEmpty() && tls.development().isEmpty()) {
            throw new BadSettingException(
                    KEY_FILE,
                    "is empty although relay.issuer.enabled is true and SSL bundles are configured",
                    "Set it to a file with private issuer keys in PKCS #8, or leave"
                            + " relay.issuer.enabled out");
        }
        try {
            return file.isEmpty()
                    ? development(tls.development().orElseThrow().issuerKey())
                    : store(Path.of(file), relay.issuer().keyPassword()).load();
        } catch (IOException | TokenFormatException e) {
            throw new BadSettingException(
                    KEY_FILE,
                    "does not give issuer keys: " + e.getMessage(),
                    "Set it to a file with 2048-bit RSA keys or keys on P-384, as PEM of PKCS #8 or"
                            + " as PKCS #12");
        }
    }

    private static IssuerKeyStore store(Path file, String password) {
        return password.isEmpty()
                ? IssuerKeyStore.pem(file)
                : IssuerKeyStore.pkcs12(file, password.toCharArray());
    }

    /// A key of each type; the second follows from the first, so that all who share the development
    /// files share both.
    private static IssuerKeySet development(PrivateKey key) throws TokenFormatException {
        byte[] encoded = key.getEncoded();
        byte[] seed = ImmutableBytes.sha256Of(encoded).toArray();
        return IssuerKeySet.of(IssuerKeyPair.parsePkcs8(encoded), VoprfKeyPair.derive(seed));
    }
}
