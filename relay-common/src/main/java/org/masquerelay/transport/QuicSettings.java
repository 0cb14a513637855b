package org.masquerelay.transport;

import java.time.Duration;
import java.util.Optional;

/// How a listener of QUIC guards itself against packets of nobody in particular.
///
/// @param retry when clients have to show that they receive where they send from
/// @param connectionIdLength bytes of our connection IDs, which every packet to us carries
/// @param statelessReset whether packets of connections that are not known here are answered
/// @param resetKey what stateless reset tokens are made with; empty takes one from the listener's
///   private key
/// @param strayAnswers version negotiations, and as many stateless resets, that a socket sends in a
///   second at most
public record QuicSettings(
        Retry retry,
        int connectionIdLength,
        boolean statelessReset,
        Optional<ResetKey> resetKey,
        int strayAnswers) {
    /// RFC 9000, section 17.2: the longest of version 1.
    public static final int MAX_CONNECTION_ID_LENGTH = 20;

    /// RFC 9000, section 7.2, asks this much of a client's first choice; ours are no shorter.
    public static final int MIN_CONNECTION_ID_LENGTH = 8;

    /// With several event loops two bytes of each name the loop, and eight are left to chance.
    public static final int MIN_SHARED_CONNECTION_ID_LENGTH = 10;

    public static final QuicSettings STANDARD =
            new QuicSettings(
                    Retry.STANDARD, MIN_SHARED_CONNECTION_ID_LENGTH, true, Optional.empty(), 1000);

    public QuicSettings {
        if (connectionIdLength < MIN_CONNECTION_ID_LENGTH
                || connectionIdLength > MAX_CONNECTION_ID_LENGTH) {
            throw new IllegalArgumentException(
                    "connectionIdLength: " + connectionIdLength + " (expected: 8 to 20)");
        }
    }

    public QuicSettings with(Retry other) {
        return new QuicSettings(other, connectionIdLength, statelessReset, resetKey, strayAnswers);
    }

    public QuicSettings withConnectionIdLength(int bytes) {
        return new QuicSettings(retry, bytes, statelessReset, resetKey, strayAnswers);
    }

    public QuicSettings withStatelessReset(boolean sent) {
        return new QuicSettings(retry, connectionIdLength, sent, resetKey, strayAnswers);
    }

    public QuicSettings with(ResetKey key) {
        return new QuicSettings(
                retry, connectionIdLength, statelessReset, Optional.of(key), strayAnswers);
    }

    public QuicSettings withStrayAnswers(int perSecond) {
        return new QuicSettings(retry, connectionIdLength, statelessReset, resetKey, perSecond);
    }

    /// Address validation by Retry (RFC 9000, section 8.1.2).
    ///
    /// @param when which clients it is asked of
    /// @param tokenLifetime how long a token is good
    /// @param rotation how long tokens are made with the same secret; the one before is accepted
    ///   too, so it is no shorter than the lifetime
    /// @param secret what the secrets of relays come from that share an address; without it each
    ///   listener makes its own
    public record Retry(
            When when, Duration tokenLifetime, Duration rotation, Optional<RetrySecret> secret) {
        public static final Retry STANDARD =
                new Retry(
                        When.UNDER_LOAD,
                        Duration.ofSeconds(10),
                        Duration.ofHours(1),
                        Optional.empty());

        public Retry {
            if (rotation.compareTo(tokenLifetime) < 0) {
                throw new IllegalArgumentException(
                        "rotation: " + rotation + " (expected: >= " + tokenLifetime + ")");
            }
        }

        public Retry with(When other) {
            return new Retry(other, tokenLifetime, rotation, secret);
        }
    }

    /// Which clients have to answer a Retry, which takes a round trip.
    public enum When {
        NEVER,
        /// All of them while first packets rush in or the listener is half full, and those of an
        /// address that has half the connections it may have.
        UNDER_LOAD,
        ALWAYS
    }
}
