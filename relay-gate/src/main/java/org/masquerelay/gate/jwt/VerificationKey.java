package org.masquerelay.gate.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Optional;

/// A public key that signatures of tokens are verified with. Safe for use by many threads.
///
/// @param id its `kid`, if it has one
/// @param algorithm the only one it is for, if it says so
record VerificationKey(
        Optional<String> id, Optional<JWSAlgorithm> algorithm, JWSVerifier verifier) {
    /// RFC 7518, section 3.3.
    private static final int MIN_RSA_BITS = 2048;

    /// Longer keys make a verification cost milliseconds.
    private static final int MAX_RSA_BITS = 4096;

    /// Empty for a key of another kind or use, and for one that is not fit for signatures: a set
    /// may hold what is meant for others.
    static Optional<VerificationKey> of(JWK jwk) {
        if (jwk.getKeyUse() != null && !jwk.getKeyUse().equals(KeyUse.SIGNATURE)) {
            return Optional.empty();
        }
        try {
            var key = key(jwk);
            if (key.isEmpty()) {
                return Optional.empty();
            }
            var algorithm = Optional.ofNullable(jwk.getAlgorithm());
            return verifier(key.get())
                    .map(verifier ->
                            new VerificationKey(
                                    Optional.ofNullable(jwk.getKeyID()),
                                    algorithm.map(name -> new JWSAlgorithm(name.getName())),
                                    verifier));
        } catch (JOSEException | GeneralSecurityException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// A key without a name and without a word on its use. Empty for one of another kind.
    static Optional<VerificationKey> of(PublicKey key) {
        try {
            return verifier(key)
                    .map(verifier ->
                            new VerificationKey(Optional.empty(), Optional.empty(), verifier));
        } catch (JOSEException _) {
            return Optional.empty();
        }
    }

    private static Optional<PublicKey> key(JWK jwk) throws JOSEException, GeneralSecurityException {
        return switch (jwk) {
            case RSAKey rsa -> Optional.of(rsa.toRSAPublicKey());
            case ECKey ec -> Optional.of(ec.toECPublicKey());
            case OctetKeyPair pair when pair.getCurve().equals(Curve.Ed25519) ->
                    Optional.of(Ed25519JwsVerifier.key(pair.getX()));
            default -> Optional.empty();
        };
    }

    private static Optional<JWSVerifier> verifier(PublicKey key) throws JOSEException {
        return switch (key) {
            case RSAPublicKey rsa when hasGoodLength(rsa) -> Optional.of(new RSASSAVerifier(rsa));
            case ECPublicKey ec -> Optional.of(new ECDSAVerifier(ec));
            case EdECPublicKey ed when ed.getParams().getName().equals("Ed25519") ->
                    Optional.of(new Ed25519JwsVerifier(ed));
            default -> Optional.empty();
        };
    }

    private static boolean hasGoodLength(RSAPublicKey key) {
        int bits = key.getModulus().bitLength();
        return bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS;
    }

    /// Whether a token with this header may be signed with this key. A key without a name is tried
    /// for every name, as a file with one public key has none.
    boolean fits(JWSHeader header) {
        return verifier.supportedJWSAlgorithms().contains(header.getAlgorithm())
                && algorithm.map(header.getAlgorithm()::equals).orElse(true)
                && (header.getKeyID() == null || id.map(header.getKeyID()::equals).orElse(true));
    }
}
