package org.masquerelay.http;

import io.netty.channel.EventLoop;
import java.util.Optional;
import java.util.function.Consumer;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.wire.HostPort;

/// A connection to a relay, as its client: what an ingress and an end user's program open tunnels
/// on.
///
/// Confined to one event loop, on which all callbacks come.
public interface RelayConnection extends AutoCloseable {
    HttpVersion version();

    EventLoop eventLoop();

    /// Whether it takes requests.
    boolean isUp();

    /// How many more requests the peer will let us have open.
    long streamsLeft();

    /// Asks for a tunnel, without a `scope` for a bind to every peer, and reports the outcome to
    /// `answer`, exactly once.
    ///
    /// The caller has checked [#isUp] and [#streamsLeft]. What is returned gives the request up, if
    /// it has no answer yet; then none is reported.
    Runnable open(
            TunnelKind kind, Optional<HostPort> scope, HeaderFields fields, TunnelAnswer answer);

    /// Sends an ordinary request and reports the response to `answer`, exactly once.
    void request(PlainRequest request, PlainAnswer answer);

    /// Asks the peer for a sign of life, and says once whether anything has come from it within
    /// `withinMillis`; nothing is said if the connection ends before. A connection that cannot tell
    /// takes its peer to be alive.
    default void listen(long withinMillis, Consumer<Boolean> alive) {
        alive.accept(true);
    }

    /// Closes the connection and everything on it.
    @Override
    void close();

    /// Why a connection or a request failed.
    enum Failure {
        UNREACHABLE,
        TIMEOUT,
        TLS,
        PROTOCOL,
        TERMINATED,
        /// The peer reset this one request: it may have acted on it.
        RESET,
        NO_STREAM,
        /// This one request cannot be put into the form of the HTTP version: nothing was sent, and
        /// the connection takes others.
        UNSENT,
        /// [RequestCredentials] has none for this connection: nothing was sent.
        NO_CREDENTIALS
    }

    /// Hears of the life of a connection.
    interface Observer {
        /// Requests can be sent. Called at most once, before [#closed].
        void up();

        /// The peer takes no more requests (GOAWAY); those open go on.
        void goingAway();

        /// The connection is gone, or never came up. Called exactly once.
        void closed(Failure failure);
    }
}
