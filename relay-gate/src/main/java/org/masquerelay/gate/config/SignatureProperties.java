package org.masquerelay.gate.config;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// HTTP Message Signatures (RFC 9421).
///
/// @param keys whose signatures let in
/// @param tag what signatures for this relay are tagged with
/// @param window how old a signature may be
/// @param skew how far a client's clock may be ahead
/// @param components what has to be covered besides method and target
/// @param maxNonces nonces remembered for each key; beyond them it gets 503 until some are too old
public record SignatureProperties(
        @DefaultValue List<@Valid ClientKeyProperties> keys,
        @DefaultValue("masque-relay") @Pattern(regexp = "[A-Za-z0-9._-]{1,64}") String tag,
        @DefaultValue("60s") @DurationMin(seconds = 1) Duration window,
        @DefaultValue("5s") @DurationMin(nanos = 0) Duration skew,
        @DefaultValue List<String> components,
        @DefaultValue("100000") @Min(1) int maxNonces) {}
