package org.masquerelay.boot.config;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.boot.qlog.Qlog;
import org.masquerelay.boot.qlog.QlogEventType;
import org.masquerelay.boot.qlog.QlogSettings;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// Which QUIC connections are written down in qlog files.
///
/// @param enabled whether any is
/// @param directory where the files are
/// @param events what is written of each; everything if empty
/// @param sampleRate the share of connections, from 0 to 1
/// @param maxOpen connections that are written down at the same time
/// @param maxSize bytes of one file
/// @param maxAge older files are deleted
/// @param maxTotal bytes of all files; beyond, the oldest are deleted
/// @param compress whether a file is compressed when its connection is closed
public record QlogProperties(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("${user.home}/.relay/qlog") Path directory,
        @DefaultValue List<QlogEventType> events,
        @DefaultValue("1.0") @DecimalMin("0") @DecimalMax("1") double sampleRate,
        @DefaultValue("1000") @Min(1) @Max(100_000) int maxOpen,
        @DefaultValue("1MB") DataSize maxSize,
        @DefaultValue("30d") @DurationMin(seconds = 1) Duration maxAge,
        @DefaultValue("1GB") DataSize maxTotal,
        @DefaultValue("true") boolean compress) {
    private static final long MIN_SIZE = 4096;

    /// @param identifier how the relay calls itself
    /// @throws BadSettingException when the directory cannot be used
    public Optional<Qlog> open(String identifier) {
        if (!enabled) {
            return Optional.empty();
        }
        if (maxSize.toBytes() < MIN_SIZE) {
            throw new BadSettingException(
                    "relay.qlog.max-size", "is less than 4KB", "Set it to 4KB or more");
        }
        try {
            return Optional.of(
                    new Qlog(
                            new QlogSettings(
                                    directory,
                                    identifier,
                                    events.isEmpty() ? QlogEventType.all() : Set.copyOf(events),
                                    sampleRate,
                                    maxOpen,
                                    maxSize.toBytes(),
                                    maxAge,
                                    maxTotal.toBytes(),
                                    compress),
                            InstantSource.system()));
        } catch (IOException e) {
            throw new BadSettingException(
                    "relay.qlog.directory",
                    "cannot be used: " + Reasons.innermost(e),
                    "Set it to a directory this process can write to, or relay.qlog.enabled to"
                            + " false");
        }
    }
}
