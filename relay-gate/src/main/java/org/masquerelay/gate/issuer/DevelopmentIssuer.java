package org.masquerelay.gate.issuer;

import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.boot.config.Followed;
import org.masquerelay.boot.config.WatchedFiles;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.IssuerKeySet;
import org.masquerelay.token.issuance.VoprfKeyPair;
import org.masquerelay.token.keys.IssuerKeyStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The keys of the issuer inside a relay, if there is one. A rotation of their file needs no
/// restart.
///
/// @param keys empty when tokens are issued elsewhere
public record DevelopmentIssuer(Optional<Followed<IssuerKeySet>> keys) {
    private static final Logger LOG = LoggerFactory.getLogger(DevelopmentIssuer.class);

    private static final String KEY_FILE = "relay.issuer.key-file";

    private static final String EXPECTED =
            "Set it to a file with 2048-bit RSA keys or keys on P-384, as PEM of PKCS #8 or as"
                    + " PKCS #12";

    /// Where the key of development is.
    @FunctionalInterface
    public interface DevelopmentKey {
        PrivateKey read() throws IOException;
    }

    /// @param trustsOthers whether keys of other issuers are configured
    /// @param development empty when SSL bundles are configured
    /// @param files follows the key file
    public static DevelopmentIssuer of(
            IssuerProperties issuer,
            boolean trustsOthers,
            Optional<DevelopmentKey> development,
            WatchedFiles files) {
        var enabled = issuer.enabled();
        boolean issues = enabled == null ? development.isPresent() && !trustsOthers : enabled;
        return new DevelopmentIssuer(
                issues ? Optional.of(keys(issuer, development, files)) : Optional.empty());
    }

    private static Followed<IssuerKeySet> keys(
            IssuerProperties issuer, Optional<DevelopmentKey> development, WatchedFiles files) {
        String file = issuer.keyFile();
        if (!file.isEmpty()) {
            var store = store(Path.of(file), issuer.keyPassword());
            return files.watch(KEY_FILE, Path.of(file), EXPECTED, content -> read(store, content));
        }
        if (development.isEmpty()) {
            throw new BadSettingException(
                    KEY_FILE,
                    "is empty although this relay issues tokens and SSL bundles are configured",
                    "Set it to a file that ./relay issuer rotate has made, or leave"
                            + " relay.issuer.enabled out");
        }
        try {
            return Followed.always(development(development.get().read()));
        } catch (IOException | TokenFormatException e) {
            throw new BadSettingException(
                    KEY_FILE,
                    "is empty, and the keys of development cannot be used: " + e.getMessage(),
                    EXPECTED);
        }
    }

    private static IssuerKeySet read(IssuerKeyStore store, byte[] content) throws IOException {
        try {
            return store.parse(content);
        } catch (TokenFormatException | IllegalArgumentException e) {
            throw new IOException("it does not give issuer keys: " + e.getMessage(), e);
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

    /// What answers ordinary requests for it.
    public Function<PlainRequest, PlainResponse> resource() {
        if (keys.isEmpty()) {
            return IssuerResource.NONE;
        }
        LOG.warn("The token issuer of this relay is on: it gives a token to whoever asks");
        return new IssuerResource(keys.get(), InstantSource.system());
    }
}
