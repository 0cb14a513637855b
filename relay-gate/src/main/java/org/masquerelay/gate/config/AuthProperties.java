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
/// @param issuerName the issuer of those keys, as challenges name it
/// @param issuers issuers that are trusted by their directories
/// @param issuersRequired whether a directory that does not come ends the start
/// @param directories how directories are followed
/// @param origins the origins that challenges name; none leaves tokens good for any origin
/// @param challengeWindow how long a challenge is given out
/// @param challengeGrace how long a token for the challenge before still passes
/// @param challengeSecret what challenges are derived from: base64, or `file:` and a path to it;
///   the same on all ingresses that share their spent tokens. Empty: a new one at each start
/// @param maxSpentTokens tokens remembered per challenge; beyond them nobody enters until the next
/// @param spent where spent tokens are remembered
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
        @DefaultValue List<@Valid IssuerSourceProperties> issuers,
        @DefaultValue("false") boolean issuersRequired,
        @DefaultValue @Valid DirectoryProperties directories,
        @DefaultValue List<String> origins,
        @DefaultValue("10m") @DurationMin(seconds = 1) Duration challengeWindow,
        @DefaultValue("2m") @DurationMin(nanos = 0) Duration challengeGrace,
        @DefaultValue("") String challengeSecret,
        @DefaultValue("1000000") @Min(1) int maxSpentTokens,
        @DefaultValue @Valid SpentProperties spent,
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

    /// Whether nobody is asked for anything.
    public boolean admitsAnybody() {
        return admit.equals(List.of(ANYBODY));
    }

    /// Whether issuers outside of this process are trusted.
    public boolean trustsIssuers() {
        return !issuerKeys.isEmpty() || !issuers.isEmpty();
    }

    /// Whether a scheme is named by some alternative.
    public boolean admits(String scheme) {
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
