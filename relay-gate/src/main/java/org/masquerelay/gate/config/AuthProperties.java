package org.masquerelay.gate.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.gate.ProxyChallenge;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Who may enter.
///
/// @param admit the schemes that let a request in, any of them; several joined by `+` have to
///   succeed together, as in `mtls+token`; `anybody` alone lets everybody in
/// @param issuerKeys public keys of trusted issuers, each as PEM, as base64url SPKI, or as `file:`
///   and a path to PEM
/// @param issuerName the issuer that challenges name
/// @param origins the origins that challenges name; none leaves tokens good for any origin
/// @param challengeWindow how long a challenge is given out
/// @param challengeGrace how long a token for the challenge before still passes
/// @param maxSpentTokens tokens remembered per challenge; beyond them nobody enters until the next
/// @param proxyChallenge which requests are answered with 407 and Proxy-Authenticate
/// @param quoteParams whether the values of challenges are quoted; some old clients need them bare
/// @param mtls how client certificates are read
public record AuthProperties(
        @DefaultValue("token") @NotEmpty List<String> admit,
        @DefaultValue List<String> issuerKeys,
        @DefaultValue("localhost:4443") @NotBlank String issuerName,
        @DefaultValue List<String> origins,
        @DefaultValue("10m") @DurationMin(seconds = 1) Duration challengeWindow,
        @DefaultValue("2m") @DurationMin(nanos = 0) Duration challengeGrace,
        @DefaultValue("1000000") @Min(1) int maxSpentTokens,
        @DefaultValue("connect") ProxyChallenge proxyChallenge,
        @DefaultValue("true") boolean quoteParams,
        @DefaultValue @Valid MutualTlsProperties mtls) {

    /// The one word of `admit` that is no scheme.
    static final String ANYBODY = "anybody";

    /// Whether an alternative of `admit` has this scheme in it.
    boolean names(String scheme) {
        return admit.stream()
                .flatMap(alternative -> Arrays.stream(alternative.split("\\+", -1)))
                .anyMatch(name -> name.strip().equals(scheme));
    }

    /// Whether nobody is asked for anything.
    public boolean admitsAnybody() {
        return admit.equals(List.of(ANYBODY));
    }
}
