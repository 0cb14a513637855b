package org.masquerelay.concealed;

import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.KeyExporter;

/// Verifies proofs ([RFC 9729, section
/// 6.3](https://datatracker.ietf.org/doc/html/rfc9729#section-6.3)). Any thread.
///
/// Whatever is wrong with one, the work is the same: key exporter, comparisons that do not stop at
/// the first difference, and one signature, with a key that nobody has where the key is unknown.
public final class ConcealedVerifier {
    private final Map<ImmutableBytes, ConcealedKey> keys;
    private final String realm;
    private final ConcealedKey nobodys;

    /// @param realm the realm that clients are told, by other means; often empty
    /// @throws IllegalArgumentException if two keys have one identifier
    public ConcealedVerifier(Collection<ConcealedKey> keys, String realm) {
        this.keys =
                keys.stream()
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        ConcealedKey::id,
                                        Function.identity(),
                                        (_, _) -> {
                                            throw new IllegalArgumentException(
                                                    "keys: two with one identifier");
                                        }));
        this.realm = realm;
        this.nobodys = nobodys(keys);
    }

    /// A key of which the private half is thrown away, of the kind that those known have.
    private static ConcealedKey nobodys(Collection<ConcealedKey> keys) {
        var scheme =
                keys.stream().map(ConcealedKey::scheme).findFirst().orElse(SignatureScheme.ED25519);
        try {
            var generator =
                    KeyPairGenerator.getInstance(
                            switch (scheme) {
                                case ED25519 -> "Ed25519";
                                case ECDSA_SECP256R1_SHA256 -> "EC";
                                case RSA_PSS_RSAE_SHA256 -> "RSA";
                            });
            switch (scheme) {
                case ED25519 -> {}
                case ECDSA_SECP256R1_SHA256 -> generator.initialize(256);
                case RSA_PSS_RSAE_SHA256 -> generator.initialize(2048);
            }
            return ConcealedKey.of(ImmutableBytes.EMPTY, generator.generateKeyPair().getPublic());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(scheme + " is missing from this JDK", e);
        }
    }

    /// The key that the credentials prove, of the connection that `exporter` belongs to.
    public Optional<ConcealedKey> verify(
            ConcealedCredentials credentials, KeyExporter exporter, RequestOrigin origin) {
        var known = keys.get(credentials.keyId());
        var key = known == null ? nobodys : known;
        var exported =
                ConcealedExport.of(
                        exporter,
                        ConcealedExport.context(
                                credentials.scheme(),
                                credentials.keyId(),
                                credentials.publicKey(),
                                origin,
                                credentials.realm()));
        var export = exported.orElse(ConcealedExport.NONE);
        boolean right = known != null;
        right &= exported.isPresent();
        right &= key.scheme().code() == credentials.scheme();
        right &= key.encoded().equals(credentials.publicKey());
        right &= realm.equals(credentials.realm());
        right &= export.verification().equals(credentials.verification());
        right &= key.scheme().verify(key.key(), export.signed(), credentials.proof().toArray());
        return right ? Optional.of(key) : Optional.empty();
    }
}
