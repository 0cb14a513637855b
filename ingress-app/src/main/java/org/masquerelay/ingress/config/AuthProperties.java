package org.masquerelay.ingress.config;

import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Who may enter.
///
/// @param mode `token` asks for a token of a trusted issuer; `none` lets everybody in
/// @param issuerKeys public keys of trusted issuers, each as PEM, as base64url SPKI, or as `file:`
///   and a path to PEM
/// @param issuerName the issuer that challenges name
/// @param origins the origins that challenges name; none leaves tokens good for any origin
/// @param challengeWindow how long a challenge is given out
/// @param challengeGrace how long a token for the challenge before still passes
/// @param maxSpentTokens tokens remembered per challenge; beyond them nobody enters until the next
/// @param proxyChallenge whether Proxy-Authorization is answered with 407 and Proxy-Authenticate
/// @param quoteParams whether the values of challenges are quoted; some old clients need them bare
public record AuthProperties(
        @DefaultValue("token") Mode mode,
        @DefaultValue List<String> issuerKeys,
        @DefaultValue("localhost:4443") @NotBlank String issuerName,
        @DefaultValue List<String> origins,
        @DefaultValue("10m") @DurationMin(seconds = 1) Duration challengeWindow,
        @DefaultValue("2m") @DurationMin(nanos = 0) Duration challengeGrace,
        @DefaultValue("1000000") @Min(1) int maxSpentTokens,
        @DefaultValue("true") boolean proxyChallenge,
        @DefaultValue("true") boolean quoteParams) {

    /// What is asked of a client.
    public enum Mode {
        TOKEN,
        NONE
    }
}
