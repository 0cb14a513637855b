package org.masquerelay.gate.config;

import java.util.Optional;
import org.masquerelay.token.issuance.IssuerKeySet;

/// The keys of a token issuer inside this process, which is trusted without being configured.
public record OwnIssuer(Optional<IssuerKeySet> keys) {}
