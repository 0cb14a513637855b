package org.masquerelay.gate.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import java.util.Set;

/// How a token may be signed (RFC 7518, section 3.1, and RFC 8037): never with a shared secret, so
/// that a public key is never taken for one.
public enum JwtAlgorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    ES512,
    /// Ed25519, under its name of RFC 8037 and of RFC 9864.
    EDDSA;

    /// What tokens say in `alg`.
    Set<JWSAlgorithm> names() {
        return this == EDDSA
                ? Set.of(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519)
                : Set.of(JWSAlgorithm.parse(name()));
    }
}
