package org.masquerelay.signature;

import java.security.PublicKey;

/// A public key that is trusted, and the one algorithm it is used with.
///
/// @param id the `keyid` of its signatures
public record VerificationKey(String id, SignatureAlgorithm algorithm, PublicKey key) {
    public VerificationKey {
        if (SignatureAlgorithm.of(key).orElse(null) != algorithm) {
            throw new IllegalArgumentException(
                    "key: of another kind or size (expected: " + algorithm.token() + ")");
        }
    }

    /// With the algorithm that its kind has.
    public static VerificationKey of(String id, PublicKey key) {
        return new VerificationKey(
                id,
                SignatureAlgorithm.of(key)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "key: of an unknown kind or size (expected: Ed25519, P-256"
                                                + " or RSA of 2048 to 8192 bits)")),
                key);
    }
}
