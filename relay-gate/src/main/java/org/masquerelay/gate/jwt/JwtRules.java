package org.masquerelay.gate.jwt;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// Which tokens are good.
///
/// @param issuer what `iss` has to be, if anything
/// @param audience what `aud` has to have one of
/// @param algorithms how tokens may be signed
/// @param tenantClaim the claim that names the tenant
/// @param clockSkew how far the clocks of the issuer and the relay may be apart
public record JwtRules(
        Optional<String> issuer,
        Set<String> audience,
        Set<JwtAlgorithm> algorithms,
        String tenantClaim,
        Duration clockSkew) {
    public JwtRules {
        audience = Set.copyOf(audience);
        algorithms = Set.copyOf(algorithms);
        if (audience.isEmpty() || algorithms.isEmpty()) {
            throw new IllegalArgumentException("audience, algorithms: none (expected: some)");
        }
    }
}
