package org.masquerelay.boot.config;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.transport.QuicSettings;
import org.masquerelay.transport.ResetKey;
import org.masquerelay.transport.RetrySecret;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How the listeners guard themselves against QUIC packets of nobody in particular.
///
/// @param retry when clients have to show that they receive where they send from
/// @param retryTokenLifetime how long the token of a Retry is good
/// @param retrySecretRotation how long Retry tokens are made with the same secret
/// @param retrySecret 32 bytes that relays share which share an address; empty for secrets of its
///   own
/// @param connectionIdLength bytes of our connection IDs
/// @param statelessReset whether packets of connections that are not known are answered
/// @param statelessResetKey 32 bytes that stateless reset tokens are made with; empty takes them
///   from the private key of the listener
/// @param strayAnswersPerSecond stateless resets, and as many version negotiations, that a socket
///   sends at most
public record QuicProperties(
        @DefaultValue("under-load") QuicSettings.When retry,
        @DefaultValue("10s") @DurationMin(seconds = 1) @DurationMax(minutes = 10)
                Duration retryTokenLifetime,
        @DefaultValue("1h") @DurationMin(seconds = 1) @DurationMax(days = 30)
                Duration retrySecretRotation,
        @DefaultValue("") String retrySecret,
        @DefaultValue("10") int connectionIdLength,
        @DefaultValue("true") boolean statelessReset,
        @DefaultValue("") String statelessResetKey,
        @DefaultValue("1000") @Min(0) @Max(1_000_000) int strayAnswersPerSecond) {
    private static final String PROPERTY = "relay.quic.";
    private static final String LENGTH = PROPERTY + "connection-id-length";

    /// `front` with these, where it has `eventLoops` sockets.
    ///
    /// @throws BadSettingException when they do not fit together
    public FrontSettings applyTo(FrontSettings front, int eventLoops) {
        var connection = front.connection().with(toSettings());
        int longest = connection.longestConnectionId();
        if (connectionIdLength > longest) {
            throw new BadSettingException(
                    LENGTH,
                    "is "
                            + connectionIdLength
                            + ", and what a connection begins with has room for "
                            + longest
                            + " beside stateless resets, Retry and windows of this size",
                    "Set it to "
                            + longest
                            + " or less, or relay.quic.stateless-reset to false, or"
                            + " relay.quic.retry to never");
        }
        if (eventLoops > 1 && connectionIdLength < QuicSettings.MIN_SHARED_CONNECTION_ID_LENGTH) {
            throw new BadSettingException(
                    LENGTH,
                    "is "
                            + connectionIdLength
                            + ", and with several event loops two bytes are taken",
                    "Set it to 10 or more, or relay.event-loops to 1");
        }
        return front.with(connection);
    }

    private QuicSettings toSettings() {
        if (connectionIdLength < QuicSettings.MIN_CONNECTION_ID_LENGTH
                || connectionIdLength > QuicSettings.MAX_CONNECTION_ID_LENGTH) {
            throw new BadSettingException(
                    LENGTH, "is " + connectionIdLength, "Set it to a number from 8 to 20");
        }
        if (retrySecretRotation.compareTo(retryTokenLifetime) < 0) {
            throw new BadSettingException(
                    PROPERTY + "retry-secret-rotation",
                    "is shorter than relay.quic.retry-token-lifetime",
                    "Set it to at least that, since two secrets are good at a time");
        }
        return new QuicSettings(
                new QuicSettings.Retry(
                        retry,
                        retryTokenLifetime,
                        retrySecretRotation,
                        secret("retry-secret", retrySecret, RetrySecret.BYTES)
                                .map(RetrySecret::new)),
                connectionIdLength,
                statelessReset,
                secret("stateless-reset-key", statelessResetKey, ResetKey.BYTES).map(ResetKey::new),
                strayAnswersPerSecond);
    }

    private static Optional<byte[]> secret(String name, String text, int length) {
        return text.isEmpty()
                ? Optional.empty()
                : Optional.of(SecretBytes.parse(PROPERTY + name, text, length));
    }

    /// Without the secrets.
    @Override
    public String toString() {
        return "QuicProperties";
    }
}
