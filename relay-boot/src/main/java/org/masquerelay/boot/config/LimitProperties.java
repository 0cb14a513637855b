package org.masquerelay.boot.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.http.FrontLimits;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// What a request may look like, and how long a client may take.
///
/// @param maxHeaderSize bytes of the fields of a request, over every HTTP version
/// @param maxHeaderFields field lines of a request
/// @param handshakeTimeout until the TLS handshake of a TCP connection is done
/// @param headerTimeout from the first byte of an HTTP/1.1 request until its head is whole
/// @param idleTimeout a TCP connection without a request for so long is closed
/// @param quicIdleTimeout an HTTP/3 connection without a request for so long is closed
public record LimitProperties(
        @DefaultValue("32KB") DataSize maxHeaderSize,
        @DefaultValue("100") @Min(1) @Max(1000) int maxHeaderFields,
        @DefaultValue("10s") @DurationMin(millis = 1) @DurationMax(hours = 1)
                Duration handshakeTimeout,
        @DefaultValue("10s") @DurationMin(millis = 1) @DurationMax(hours = 1)
                Duration headerTimeout,
        @DefaultValue("60s") @DurationMin(millis = 1) @DurationMax(days = 1) Duration idleTimeout,
        @DefaultValue("600s") @DurationMin(millis = 1) @DurationMax(days = 1)
                Duration quicIdleTimeout) {
    private static final int MIN_HEADER_SIZE = 1024;
    private static final int MAX_HEADER_SIZE = 64 * 1024;

    /// `property` is where these limits are configured.
    FrontLimits toLimits(String property) {
        return FrontLimits.STANDARD
                .withFields(
                        Sizes.within(
                                property + ".max-header-size",
                                maxHeaderSize,
                                MIN_HEADER_SIZE,
                                MAX_HEADER_SIZE,
                                "1KB to 64KB"),
                        maxHeaderFields)
                .withTimeouts(handshakeTimeout, headerTimeout, idleTimeout)
                .withQuicIdleTimeout(quicIdleTimeout);
    }
}
