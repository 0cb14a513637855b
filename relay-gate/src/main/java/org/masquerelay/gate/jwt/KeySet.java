package org.masquerelay.gate.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.List;
import java.util.Optional;

/// The keys of an issuer: an immutable snapshot.
public record KeySet(List<VerificationKey> keys) {
    /// While no key is known.
    static final KeySet NONE = new KeySet(List.of());

    /// Keys tried for a token that does not name one, each for about 100 microseconds.
    private static final int MAX_TRIED = 8;

    private static final int MAX_KEYS = 256;

    public KeySet {
        keys = List.copyOf(keys);
    }

    /// Reads a JWK set (RFC 7517, section 5). Keys that are not for signatures are left out.
    ///
    /// @throws ParseException for text that is no JWK set, or one without a key to use
    public static KeySet parse(String json) throws ParseException {
        var keys = JWKSet.parse(json).getKeys();
        if (keys.size() > MAX_KEYS) {
            throw new ParseException("it has more than " + MAX_KEYS + " keys", 0);
        }
        return of(keys.stream().map(VerificationKey::of).flatMap(Optional::stream).toList());
    }

    /// Takes a SubjectPublicKeyInfo in DER as the only key.
    ///
    /// @throws ParseException for bytes that are no public key to use
    public static KeySet parseSpki(byte[] spki) throws ParseException {
        var encoded = new X509EncodedKeySpec(spki);
        for (String kind : List.of("RSA", "EC", "Ed25519")) {
            try {
                var key = KeyFactory.getInstance(kind).generatePublic(encoded);
                return of(VerificationKey.of(key).stream().toList());
            } catch (GeneralSecurityException _) {
                // Of another kind.
            }
        }
        return of(List.of());
    }

    private static KeySet of(List<VerificationKey> usable) throws ParseException {
        if (usable.isEmpty()) {
            throw new ParseException(
                    "it has no key for RSA of 2048 to 4096 bits, P-256, P-384, P-521 or Ed25519",
                    0);
        }
        return new KeySet(usable);
    }

    boolean has(JWSHeader header) {
        return keys.stream().anyMatch(key -> key.fits(header));
    }

    boolean verifies(SignedJWT token) {
        return keys.stream()
                .filter(key -> key.fits(token.getHeader()))
                .limit(MAX_TRIED)
                .anyMatch(key -> verifies(token, key));
    }

    private static boolean verifies(SignedJWT token, VerificationKey key) {
        try {
            return token.verify(key.verifier());
        } catch (JOSEException _) {
            return false;
        }
    }
}
