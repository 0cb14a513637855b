package org.masquerelay.egress.dial;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.masquerelay.egress.policy.Permit;
import org.masquerelay.egress.source.TargetSockets;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.TunnelStream;

/// Connects permitted tunnels to their targets: TCP by a race of attempts, UDP by the first address
/// that a route leads to.
public final class Dialer {
    /// More addresses than this are not tried.
    private static final int MAX_ATTEMPTS = 6;

    private final TargetSockets sockets;
    private final ConnectionRace.Times times;

    /// @param connectTimeout for all attempts of a tunnel together
    /// @param attemptDelay until the next address is tried beside those that do not answer
    public Dialer(TargetSockets sockets, Duration connectTimeout, Duration attemptDelay) {
        this.sockets = sockets;
        this.times = new ConnectionRace.Times(attemptDelay, connectTimeout);
    }

    /// How dialling ended.
    public sealed interface Outcome {
        /// The target's end of the tunnel, and which of its addresses answered.
        record Connected(TunnelStream target, InetSocketAddress address) implements Outcome {}

        record Failed(Refusal refusal) implements Outcome {}
    }

    /// Dials on `loop`, and calls `then` there exactly once.
    public void dial(Permit permit, EventLoop loop, Consumer<Outcome> then) {
        var all = permit.addresses();
        var addresses = all.subList(0, Math.min(all.size(), MAX_ATTEMPTS));
        switch (permit.request().kind()) {
            case TCP ->
                    new ConnectionRace(
                                    addresses,
                                    (address, timeout) ->
                                            sockets.tcp(loop, address, timeout, permit),
                                    loop,
                                    times,
                                    then)
                            .start();
            case UDP -> udp(permit, addresses, new DialFailures(), loop, then);
            case BIND -> throw new IllegalStateException("kind: BIND (expected: one to dial)");
        }
    }

    /// Whether anybody answers is not known; whether there is a route is, and at once.
    private void udp(
            Permit permit,
            List<InetSocketAddress> addresses,
            DialFailures failures,
            EventLoop loop,
            Consumer<Outcome> then) {
        var address = addresses.getFirst();
        sockets.udp(loop, address, permit)
                .addListener((Future<TunnelStream> done) -> {
                    if (done.isSuccess()) {
                        then.accept(new Outcome.Connected(done.getNow(), address));
                        return;
                    }
                    failures.add(address, done.cause());
                    if (addresses.size() > 1) {
                        udp(permit, addresses.subList(1, addresses.size()), failures, loop, then);
                    } else {
                        then.accept(new Outcome.Failed(failures.refusal()));
                    }
                });
    }
}
