package org.masquerelay.ingress.upstream;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.http.Race;
import org.masquerelay.http.RelayConnection;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.transport.TlsMaterial;

/// Dials the egress of some [EgressConnections], over whichever transport is there first, and tells
/// them what became of that. Confined to their loop.
final class EgressDialler {
    private final EgressConnections.Parts parts;
    private final EgressConnections connections;
    private int lookups;

    EgressDialler(EgressConnections.Parts parts, EgressConnections connections) {
        this.parts = parts;
        this.connections = connections;
    }

    /// Ends in [EgressConnections#dialed] or [EgressConnections#dialFailed], never before this
    /// returns: what fails at once must not be tried again in the same call.
    void start(TlsMaterial tls) {
        var known = connections.member().egress().address();
        if (known.isPresent()) {
            parts.loop().execute(() -> dial(tls, known.get()));
        } else {
            lookUp(tls, lookups++);
        }
    }

    /// Names are looked up where waiting harms nobody.
    private void lookUp(TlsMaterial tls, int attempt) {
        var timeout =
                parts.loop()
                        .schedule(
                                () -> connections.dialFailed(Failure.TIMEOUT),
                                parts.settings().connectTimeout().toMillis(),
                                TimeUnit.MILLISECONDS);
        Thread.ofVirtual()
                .name("relay-upstream-name")
                .start(() -> {
                    var address = address(attempt);
                    parts.loop()
                            .execute(() -> {
                                if (timeout.cancel(false)) {
                                    dial(tls, address);
                                }
                            });
                });
    }

    /// One address of the egress, another one each time, or null when its name has none.
    private @Nullable InetSocketAddress address(int attempt) {
        var authority = connections.member().egress().authority();
        try {
            var addresses = InetAddress.getAllByName(authority.host());
            return new InetSocketAddress(
                    addresses[Math.floorMod(attempt, addresses.length)], authority.port());
        } catch (UnknownHostException | RuntimeException _) {
            return null;
        }
    }

    private void dial(TlsMaterial tls, @Nullable InetSocketAddress address) {
        if (address == null || connections.isClosed()) {
            connections.dialFailed(Failure.UNREACHABLE);
            return;
        }
        var settings = parts.settings();
        var hop = settings.hop(connections.member().egress().authority(), address);
        Race.start(
                parts.loop(),
                settings.transports(),
                (version, outcome) -> {
                    var attempt = new Attempt(tls, outcome);
                    attempt.connection =
                            parts.dialer()
                                    .dial(
                                            version,
                                            parts.loop(),
                                            hop,
                                            settings.connectTimeout().toMillis(),
                                            attempt);
                    return attempt.connection::close;
                },
                new Race.Finish<Upstream, Failure>() {
                    @Override
                    public void won(Upstream upstream) {
                        connections.dialed(upstream);
                    }

                    @Override
                    public void lost(Failure failure) {
                        connections.dialFailed(failure);
                    }
                });
    }

    /// Follows one connection from its dialling on.
    private final class Attempt implements RelayConnection.Observer {
        private final TlsMaterial tls;
        private final Race.Outcome<Upstream, Failure> outcome;
        private @Nullable RelayConnection connection;
        private @Nullable Upstream upstream;

        Attempt(TlsMaterial tls, Race.Outcome<Upstream, Failure> outcome) {
            this.tls = tls;
            this.outcome = outcome;
        }

        @Override
        public void up() {
            var dialed = connection;
            if (dialed == null) {
                return;
            }
            upstream = new Upstream(connections, tls, dialed, parts.ticker().nanoTime());
            if (!outcome.won(upstream)) {
                dialed.close();
            }
        }

        @Override
        public void goingAway() {
            if (upstream != null) {
                upstream.retire();
            }
        }

        @Override
        public void closed(Failure failure) {
            if (upstream == null) {
                outcome.failed(failure);
            } else {
                connections.closed(upstream);
            }
        }
    }
}
