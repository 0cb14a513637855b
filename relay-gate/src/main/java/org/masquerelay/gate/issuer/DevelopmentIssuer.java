package org.masquerelay.gate.issuer;

import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.Optional;
import java.util.function.Function;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.issuance.IssuerKeyFile;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The key of the issuer inside a relay, if there is one.
///
/// @param key empty when tokens are issued elsewhere
public record DevelopmentIssuer(Optional<IssuerKeyPair> key) {
    private static final Logger LOG = LoggerFactory.getLogger(DevelopmentIssuer.class);

    private static final String KEY_FILE = "relay.issuer.key-file";

    /// Where the key of development is.
    @FunctionalInterface
    public interface DevelopmentKey {
        PrivateKey read() throws IOException;
    }

    /// @param trustsOthers whether keys of other issuers are configured
    /// @param development empty when SSL bundles are configured
    public static DevelopmentIssuer of(
            IssuerProperties issuer, boolean trustsOthers, Optional<DevelopmentKey> development) {
        var enabled = issuer.enabled();
        boolean issues = enabled == null ? development.isPresent() && !trustsOthers : enabled;
        return new DevelopmentIssuer(
                issues ? Optional.of(key(issuer.keyFile(), development)) : Optional.empty());
    }

    private static IssuerKeyPair key(String file, Optional<DevelopmentKey> development) {
        if (file.isEmpty() && development.isEmpty()) {
            throw new BadSettingException(
                    KEY_FILE,
                    "is empty although relay.issuer.enabled is true and SSL bundles are configured",
                    "Set it to a file with a private RSA key in PKCS #8, or leave"
                            + " relay.issuer.enabled out");
        }
        try {
            return file.isEmpty()
                    ? IssuerKeyPair.parsePkcs8(development.orElseThrow().read().getEncoded())
                    : new IssuerKeyFile(Path.of(file)).load();
        } catch (IOException | TokenFormatException e) {
            throw new BadSettingException(
                    KEY_FILE,
                    "does not give an issuer key: " + e.getMessage(),
                    "Set it to a file with a 2048-bit private RSA key in PKCS #8");
        }
    }

    /// What answers ordinary requests for it.
    public Function<PlainRequest, PlainResponse> resource() {
        if (key.isEmpty()) {
            return IssuerResource.NONE;
        }
        LOG.warn("The token issuer of this relay is on: it gives a token to whoever asks");
        return new IssuerResource(key.get());
    }
}
