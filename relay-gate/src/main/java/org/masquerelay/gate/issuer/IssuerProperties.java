package org.masquerelay.gate.issuer;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The token issuer inside a relay, which gives a token to whoever asks.
///
/// @param enabled whether it answers; without a value it does exactly when neither issuer keys nor
///   SSL bundles are configured
/// @param keyFile its private RSA key in PKCS #8; empty for the development key
public record IssuerProperties(@Nullable Boolean enabled, @DefaultValue("") String keyFile) {}
