package org.masquerelay.gate.jwt;

import com.nimbusds.jose.JWSAlgorithm;
import java.util.Set;

/// How a token may be signed (RFC 7518, section 3.1, and RFC 8037): never with a shared secret, so
/// that a public key is never taken for one.
public enum JwtAlgorithm {
    RS256(JWSAlgorithm.RS256),
    RS384(JWSAlgorithm.RS384),
    RS512(JWSAlgorithm.RS512),
    PS256(JWSAlgorithm.PS256),
    PS384(JWSAlgorithm.PS384),
    PS512(JWSAlgorithm.PS512),
    ES256(JWSAlgorithm.ES256),
    ES384(JWSAlgorithm.ES384),
    ES512(JWSAlgorithm.ES512),
    /// Ed25519, under its name of RFC 8037 and of RFC 9864.
    EDDSA(JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);

    private final Set<JWSAlgorithm> names;

    JwtAlgorithm(JWSAlgorithm... names) {
        this.names = Set.of(names);
    }

    Set<JWSAlgorithm> names() {
        return names;
    }
}
