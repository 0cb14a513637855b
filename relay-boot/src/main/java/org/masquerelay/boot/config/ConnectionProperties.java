package org.masquerelay.boot.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.transport.ConnectionSettings;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// How QUIC connections behave.
///
/// @param maxUdpPayload bytes of the UDP payloads sent; packets are not fragmented, so the path has
///   to take it
/// @param streamWindow bytes a stream may have in flight before they are read
/// @param connectionWindow the same for a whole connection
/// @param idleTimeout a connection without any packet for so long is closed
public record ConnectionProperties(
        @DefaultValue("1350") @Min(1200) @Max(65527) int maxUdpPayload,
        @DefaultValue("1MB") DataSize streamWindow,
        @DefaultValue("16MB") DataSize connectionWindow,
        @DefaultValue("30s") @DurationMin(seconds = 1) Duration idleTimeout) {

    public ConnectionSettings toSettings() {
        return new ConnectionSettings(
                maxUdpPayload,
                streamWindow.toBytes(),
                connectionWindow.toBytes(),
                ConnectionSettings.STANDARD.maxStreams(),
                idleTimeout);
    }
}
