package org.masquerelay.gate.issuer;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The token issuer inside a relay, which gives a token to whoever asks.
///
/// @param enabled whether it answers; without a value it does exactly when neither issuer keys nor
///   SSL bundles are configured
/// @param keyFile its private keys, in PEM or PKCS #12; empty for the development keys
/// @param keyPassword the password of a key file in PKCS #12; empty for PEM
public record IssuerProperties(
        @Nullable Boolean enabled,
        @DefaultValue("") String keyFile,
        @DefaultValue("") String keyPassword) {}
