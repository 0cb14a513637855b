package org.masquerelay.gate.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.masquerelay.gate.ProxyChallenge;
import org.masquerelay.gate.concealed.ConcealedScheme;
import org.masquerelay.http.Offer.Concealment;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Who may enter.
///
/// @param admit the schemes that let a request in, any of them; several joined by `+` have to
///   succeed together, as in `mtls+token`; `anybody` alone lets everybody in
/// @param issuerKeys keys of trusted issuers: public ones, each as PEM, as base64url SPKI, or as
///   `file:` and a path to PEM; for tokens of type 0x0001, private ones as PEM
/// @param issuerName the issuer that challenges name
/// @param origins the origins that challenges name; none leaves tokens good for any origin
/// @param challengeWindow how long a challenge is given out
/// @param challengeGrace how long a token for the challenge before still passes
/// @param maxSpentTokens tokens remembered per challenge; beyond them nobody enters until the next
/// @param proxyChallenge which requests are answered with 407 and Proxy-Authenticate
/// @param quoteParams whether the values of challenges are quoted; some old clients need them bare
/// @param greaseOneIn one refusal of so many carries a challenge of a reserved token type, which
///   clients have to step over; 0 for none
/// @param signature message signatures
/// @param concealed concealed authentication
/// @param realm what challenges of `jwt` and `basic` name; browsers show it
/// @param jwt which JSON Web Tokens are good; needed where `admit` names `jwt`
/// @param basic whose names and passwords are good; needed where `admit` names `basic`
/// @param mtls how client certificates are read
public record AuthProperties(
        @DefaultValue(ADMIT_BY_DEFAULT) @NotEmpty List<String> admit,
        @DefaultValue List<String> issuerKeys,
        @DefaultValue("localhost:4443") @NotBlank String issuerName,
        @DefaultValue List<String> origins,
        @DefaultValue("10m") @DurationMin(seconds = 1) Duration challengeWindow,
        @DefaultValue("2m") @DurationMin(nanos = 0) Duration challengeGrace,
        @DefaultValue("1000000") @Min(1) int maxSpentTokens,
        @DefaultValue("connect") ProxyChallenge proxyChallenge,
        @DefaultValue("true") boolean quoteParams,
        @DefaultValue("0") @Min(0) int greaseOneIn,
        @DefaultValue @Valid SignatureProperties signature,
        @DefaultValue @Valid ConcealedProperties concealed,
        @DefaultValue("relay") @Pattern(regexp = "[ !#-\\[\\]-~]+") String realm,
        @Valid @Nullable JwtProperties jwt,
        @Valid @Nullable BasicProperties basic,
        @DefaultValue @Valid MutualTlsProperties mtls) {

    static final String ADMIT_BY_DEFAULT = "token";

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

    /// Whether a scheme is named by some alternative.
    boolean admits(String scheme) {
        return admit.stream()
                .flatMap(text -> Arrays.stream(text.split("\\+")))
                .anyMatch(name -> name.strip().equals(scheme));
    }

    /// Whether a client can show in no other way that it may enter.
    boolean isHidden() {
        return admit.equals(List.of(ConcealedScheme.NAME));
    }

    /// What the listeners do for concealed authentication.
    public Concealment concealment() {
        if (isHidden()) {
            return Concealment.HIDDEN;
        }
        return admits(ConcealedScheme.NAME) ? Concealment.ACCEPTED : Concealment.NONE;
    }
}
