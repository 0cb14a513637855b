package org.masquerelay.client;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.http.NextHop;
import org.masquerelay.http.PlainAnswer;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.http.Race;
import org.masquerelay.http.RelayConnection;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.http.RelayDialer;
import org.masquerelay.http.Transports;
import org.masquerelay.http.TunnelAnswer;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;

/// The connections of a [RelayClient]: the one that new tunnels go over, and those of HTTP/1.1 that
/// carry a tunnel each. Confined to one event loop.
final class Connections {
    private final EventLoop loop;
    private final RelayDialer dialer;
    private final NextHop hop;
    private final Duration timeout;
    private Transports transports;
    private final Set<RelayConnection> all = Collections.newSetFromMap(new IdentityHashMap<>());

    /// Connections that have carried no tunnel yet.
    private final Set<RelayConnection> unused = Collections.newSetFromMap(new IdentityHashMap<>());

    private @Nullable RelayConnection live;

    /// A tunnel that is wanted.
    record Order(TunnelKind kind, HostPort target, HeaderFields fields) {}

    Connections(
            EventLoop loop,
            RelayDialer dialer,
            NextHop hop,
            Duration timeout,
            Transports transports) {
        this.loop = loop;
        this.dialer = dialer;
        this.hop = hop;
        this.timeout = timeout;
        this.transports = transports;
    }

    /// Has a connection dialled if none is live.
    void connect(CompletableFuture<HttpVersion> up) {
        withConnection(connection -> up.complete(connection.version()), up::completeExceptionally);
    }

    Optional<HttpVersion> version() {
        return Optional.ofNullable(live).map(RelayConnection::version);
    }

    private void withConnection(Consumer<RelayConnection> then, Consumer<IOException> otherwise) {
        var usable = usable();
        if (usable != null) {
            then.accept(usable);
            return;
        }
        Race.start(
                loop,
                transports,
                (version, outcome) ->
                        dial(
                                version,
                                connection -> {
                                    if (!outcome.won(connection)) {
                                        connection.close();
                                    }
                                },
                                outcome::failed),
                new Race.Finish<RelayConnection, IOException>() {
                    @Override
                    public void won(RelayConnection connection) {
                        keep(connection);
                        then.accept(connection);
                    }

                    @Override
                    public void lost(IOException failure) {
                        otherwise.accept(failure);
                    }
                });
    }

    private void keep(RelayConnection connection) {
        var before = live;
        if (before != null && !before.equals(connection) && unused.remove(before)) {
            before.close();
        }
        live = connection;
        transports = transports.preferring(connection.version());
    }

    private @Nullable RelayConnection usable() {
        var connection = live;
        return connection != null && connection.isUp() && connection.streamsLeft() > 0
                ? connection
                : null;
    }

    /// Opens a tunnel on the live connection, or else races for one: the first 2xx wins. What is
    /// returned gives up.
    Runnable open(Order order, Race.Finish<TunnelStream, IOException> finish) {
        var usable = usable();
        if (usable == null) {
            return race(order, finish);
        }
        var pending = new Pending();
        pending.cancel =
                Race.start(
                        loop,
                        Transports.only(usable.version()),
                        (_, outcome) -> ask(usable, order, outcome),
                        new Race.Finish<TunnelStream, IOException>() {
                            @Override
                            public void won(TunnelStream tunnel) {
                                finish.won(tunnel);
                            }

                            @Override
                            public void lost(IOException failure) {
                                if (failure instanceof Unanswered unanswered
                                        && unanswered.isWorthARetry()) {
                                    // The connection had ended unnoticed.
                                    forget(usable);
                                    pending.cancel = race(order, finish);
                                } else {
                                    finish.lost(failure);
                                }
                            }
                        });
        return pending;
    }

    /// Gives up whatever is under way.
    private static final class Pending implements Runnable {
        private Runnable cancel = () -> {};

        @Override
        public void run() {
            cancel.run();
        }
    }

    private Runnable race(Order order, Race.Finish<TunnelStream, IOException> finish) {
        return Race.start(
                loop, transports, (version, outcome) -> leg(version, order, outcome), finish);
    }

    private void forget(@Nullable RelayConnection connection) {
        if (Objects.equals(live, connection)) {
            live = null;
        }
    }

    /// A request got no answer.
    private static final class Unanswered extends IOException {
        private static final long serialVersionUID = 1L;

        private final Failure failure;

        Unanswered(Failure failure) {
            super(sentence(failure));
            this.failure = failure;
        }

        boolean isWorthARetry() {
            return failure == Failure.NO_STREAM || failure == Failure.TERMINATED;
        }
    }

    private Runnable leg(
            HttpVersion version, Order order, Race.Outcome<TunnelStream, IOException> outcome) {
        var leg = new Leg();
        leg.cancel =
                dial(
                        version,
                        connection ->
                                leg.asking(ask(connection, order, keeping(connection, outcome))),
                        outcome::failed);
        return leg;
    }

    /// What cancels a leg changes once its connection is there.
    private static final class Leg implements Runnable {
        private Runnable cancel = () -> {};
        private Runnable ask = () -> {};

        void asking(Runnable cancelAsk) {
            ask = cancelAsk;
        }

        @Override
        public void run() {
            ask.run();
            cancel.run();
        }
    }

    /// The connection of the winner becomes the live one; the others close.
    private Race.Outcome<TunnelStream, IOException> keeping(
            RelayConnection connection, Race.Outcome<TunnelStream, IOException> outcome) {
        return new Race.Outcome<>() {
            @Override
            public boolean won(TunnelStream tunnel) {
                boolean won = outcome.won(tunnel);
                if (won) {
                    keep(connection);
                }
                return won;
            }

            @Override
            public void refused(IOException refusal) {
                unused.add(connection);
                keep(connection); // It works; only this tunnel was not for us.
                outcome.refused(refusal);
            }

            @Override
            public void failed(IOException failure) {
                connection.close();
                outcome.failed(failure);
            }
        };
    }

    private Runnable ask(
            RelayConnection connection,
            Order order,
            Race.Outcome<TunnelStream, IOException> outcome) {
        unused.remove(connection);
        return connection.open(
                order.kind(),
                Optional.of(order.target()),
                order.fields(),
                new TunnelAnswer() {
                    @Override
                    public void opened(TunnelStream tunnel, HeaderFields fields) {
                        if (!outcome.won(tunnel)) {
                            tunnel.reset(ResetCause.CANCELLED);
                        }
                    }

                    @Override
                    public void refused(int status, HeaderFields fields) {
                        outcome.refused(new TunnelRefusedException(status, fields));
                    }

                    @Override
                    public void failed(Failure failure) {
                        outcome.failed(new Unanswered(failure));
                    }
                });
    }

    /// Sends an ordinary request; once more, on another connection, if the relay has turned it away
    /// unread (RFC 9114, section 4.1.1).
    void request(PlainRequest request, CompletableFuture<PlainResponse> answered) {
        withConnection(
                connection ->
                        request(
                                connection,
                                request,
                                answered,
                                failure -> {
                                    if (failure == Failure.NO_STREAM) {
                                        forget(connection);
                                        requestOnce(request, answered);
                                    } else {
                                        fail(answered, failure);
                                    }
                                }),
                answered::completeExceptionally);
    }

    private void requestOnce(PlainRequest request, CompletableFuture<PlainResponse> answered) {
        withConnection(
                connection ->
                        request(connection, request, answered, failure -> fail(answered, failure)),
                answered::completeExceptionally);
    }

    private static void request(
            RelayConnection connection,
            PlainRequest request,
            CompletableFuture<PlainResponse> answered,
            Consumer<Failure> otherwise) {
        connection.request(
                request,
                new PlainAnswer() {
                    @Override
                    public void answered(PlainResponse response) {
                        answered.complete(response);
                    }

                    @Override
                    public void failed(Failure failure) {
                        otherwise.accept(failure);
                    }
                });
    }

    private static void fail(CompletableFuture<PlainResponse> answered, Failure failure) {
        answered.completeExceptionally(exception(failure));
    }

    /// Dials; what is returned gives up, or closes the connection.
    private Runnable dial(
            HttpVersion version, Consumer<RelayConnection> up, Consumer<IOException> failed) {
        var watch = new Watch(up, failed);
        var connection = dialer.dial(version, loop, hop, timeout.toMillis(), watch);
        watch.connection = connection;
        if (!watch.closed) {
            all.add(connection);
        }
        return connection::close;
    }

    private final class Watch implements RelayConnection.Observer {
        private final Consumer<RelayConnection> then;
        private final Consumer<IOException> otherwise;
        private @Nullable RelayConnection connection;
        private boolean up;
        private boolean closed;

        Watch(Consumer<RelayConnection> then, Consumer<IOException> otherwise) {
            this.then = then;
            this.otherwise = otherwise;
        }

        @Override
        public void up() {
            up = true;
            if (connection != null) {
                then.accept(connection);
            }
        }

        @Override
        public void goingAway() {
            forget(connection);
        }

        @Override
        public void closed(Failure failure) {
            forget(connection);
            closed = true;
            all.remove(connection);
            unused.remove(connection);
            if (!up) {
                otherwise.accept(exception(failure));
            }
        }
    }

    void close() {
        List.copyOf(all).forEach(RelayConnection::close);
    }

    private static IOException exception(Failure failure) {
        return failure == Failure.TLS
                ? new UntrustedRelayException(sentence(failure))
                : new IOException(sentence(failure));
    }

    private static String sentence(Failure failure) {
        return switch (failure) {
            case UNREACHABLE -> "nobody listens at the relay's address";
            case TIMEOUT -> "the relay did not answer in time";
            case TLS ->
                    "the TLS handshake with the relay failed: is its certificate signed by a trusted CA?";
            case PROTOCOL -> "the relay does not speak this HTTP version with extended CONNECT";
            case TERMINATED -> "the relay closed the connection";
            case RESET -> "the relay broke the request off";
            case NO_STREAM -> "the connection to the relay takes no more requests";
            case UNSENT -> "the request has no form in this HTTP version";
            case NO_CREDENTIALS -> "the credentials do not fit the request or this HTTP version";
        };
    }
}
