package org.masquerelay.token;

/// What an origin tells genuine tokens by: the issuer's public key if the token type is publicly
/// verifiable, and its private key otherwise. Immutable; any thread.
public sealed interface VerifyingKey permits BlindRsaKey, VoprfVerifyingKey {

    /// What challenges name.
    IssuerKey publicKey();

    /// Whether the token names this key and its authenticator was made with it.
    boolean verify(Token token);
}
