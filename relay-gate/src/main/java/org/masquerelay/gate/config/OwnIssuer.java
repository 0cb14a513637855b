package org.masquerelay.gate.config;

import java.util.Optional;
import org.masquerelay.boot.config.Followed;
import org.masquerelay.token.issuance.IssuerKeySet;

/// The keys of a token issuer inside this process, which is trusted without being configured.
public record OwnIssuer(Optional<Followed<IssuerKeySet>> keys) {}
