package org.masquerelay.concealed;

import java.security.PublicKey;
import org.masquerelay.token.ImmutableBytes;

/// A public key that lets in. It must not be used for anything else (RFC 9729, section 8).
///
/// @param id what the client calls it: any bytes, at least one
/// @param encoded the key as the client sends it
public record ConcealedKey(
        ImmutableBytes id, SignatureScheme scheme, PublicKey key, ImmutableBytes encoded) {

    /// @throws IllegalArgumentException if no scheme has keys of this kind or size
    public static ConcealedKey of(ImmutableBytes id, PublicKey key) {
        var scheme =
                SignatureScheme.of(key)
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "key: of an unknown kind or size (expected: Ed25519, P-256"
                                                + " or RSA of 2048 to 8192 bits)"));
        return new ConcealedKey(id, scheme, key, scheme.encode(key));
    }
}
