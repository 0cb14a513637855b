package org.masquerelay.gate.issuer;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The token issuer inside a relay, or the one that the process is.
///
/// @param enabled whether it answers; without a value it does exactly when neither issuers nor SSL
///   bundles are configured
/// @param keyFile its private keys, in PEM or PKCS #12; empty for the development keys
/// @param keyPassword the password of a key file in PKCS #12; empty for PEM
/// @param attest how it tells clients apart
/// @param limit how many tokens a client may have
public record IssuerProperties(
        @Nullable Boolean enabled,
        @DefaultValue("") String keyFile,
        @DefaultValue("") String keyPassword,
        @DefaultValue("address") Attest attest,
        @DefaultValue @Valid LimitProperties limit) {

    /// Who tells clients apart.
    public enum Attest {
        /// The network.
        ADDRESS,
        /// The schemes of `relay.auth.admit`.
        AUTH
    }

    /// How many tokens a client may have.
    ///
    /// @param tokens at once; without a value 60 where the process is an issuer and nothing else,
    ///   and no limit otherwise
    /// @param per in how long as many again
    /// @param clients remembered at a time
    public record LimitProperties(
            @Nullable @Min(1) @Max(1_000_000) Integer tokens,
            @DefaultValue("1m") @DurationMin(millis = 1) @DurationMax(days = 31) Duration per,
            @DefaultValue("100000") @Min(1) @Max(10_000_000) int clients) {}

    /// The same, and on.
    public IssuerProperties on() {
        return new IssuerProperties(true, keyFile, keyPassword, attest, limit);
    }
}
