package org.masquerelay.gate.config;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.gate.jwt.JwtAlgorithm;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Which JSON Web Tokens let a request in.
///
/// The keys come from exactly one place: a JWK set at a URI, a JWK set or a public key that is
/// written here, or else from where the issuer says.
///
/// @param issuer what `iss` has to be; empty does not look at it
/// @param audience what `aud` has to have one of
/// @param jwksUri where the issuer publishes its keys
/// @param jwkSet the issuer's keys as a JWK set, or as `file:` and a path to one
/// @param publicKey the issuer's key in PEM, or as `file:` and a path to it
/// @param algorithms how tokens may be signed
/// @param tenantClaim the claim that names the tenant
/// @param clockSkew how far the clocks of the issuer and the relay may be apart
/// @param cacheTime how old fetched keys may get before they are fetched again
/// @param fetchPause the least time between two fetches, also when a token names an unknown key
/// @param tlsBundle the SSL bundle with the authorities that sign the issuer's certificate; empty
///   for those of the JVM
public record JwtProperties(
        @DefaultValue("") String issuer,
        @DefaultValue List<@NotBlank String> audience,
        @DefaultValue("") String jwksUri,
        @DefaultValue("") String jwkSet,
        @DefaultValue("") String publicKey,
        @DefaultValue({"rs256", "ps256", "es256", "eddsa"}) @NotEmpty List<JwtAlgorithm> algorithms,
        @DefaultValue("sub") @NotBlank String tenantClaim,
        @DefaultValue("30s") @DurationMin(nanos = 0) @DurationMax(minutes = 10) Duration clockSkew,
        @DefaultValue("15m") @DurationMin(seconds = 1) Duration cacheTime,
        @DefaultValue("10s") @DurationMin(seconds = 1) Duration fetchPause,
        @DefaultValue("") String tlsBundle) {}
