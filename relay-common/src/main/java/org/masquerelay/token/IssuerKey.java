package org.masquerelay.token;

import org.masquerelay.token.voprf.VoprfPublicKey;

/// The public key of an issuer, as its directory and challenges carry it.
///
/// Its identity is the hash of the bytes it came in. Immutable.
public sealed interface IssuerKey permits BlindRsaKey, VoprfKey {

    static IssuerKey parse(TokenType type, byte[] encoded) throws TokenFormatException {
        return switch (type) {
            case VOPRF -> VoprfKey.parse(encoded);
            case BLIND_RSA -> BlindRsaKey.parse(encoded);
        };
    }

    /// A key of either type; a compressed point is told by its length.
    static IssuerKey parse(byte[] encoded) throws TokenFormatException {
        return parse(
                encoded.length == VoprfPublicKey.LENGTH ? TokenType.VOPRF : TokenType.BLIND_RSA,
                encoded);
    }

    TokenType type();

    /// What `token-key` holds: a compressed point for [TokenType#VOPRF], a SubjectPublicKeyInfo for
    /// [TokenType#BLIND_RSA].
    ImmutableBytes encoded();

    /// SHA-256 of [#encoded].
    ImmutableBytes tokenKeyId();

    /// The last byte of the key id: what a token request names the key by.
    default int truncatedTokenKeyId() {
        return tokenKeyId().at(tokenKeyId().length() - 1);
    }
}
