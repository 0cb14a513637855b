package org.masquerelay.egress.dial;

import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.egress.policy.Permit;
import org.masquerelay.egress.source.TargetSockets;
import org.masquerelay.transport.SourceExhaustedException;
import org.masquerelay.tunnel.FailureSide;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;

/// Connects permitted tunnels to their targets, trying one address after the other.
public final class Dialer {
    /// More addresses than this are not tried: each can take the whole connect timeout.
    private static final int MAX_ATTEMPTS = 4;

    private final TargetSockets sockets;
    private final Duration connectTimeout;

    public Dialer(TargetSockets sockets, Duration connectTimeout) {
        this.sockets = sockets;
        this.connectTimeout = connectTimeout;
    }

    /// How dialling ended.
    public sealed interface Outcome {
        /// The target's end of the tunnel, and which of its addresses answered.
        record Connected(TunnelStream target, InetSocketAddress address) implements Outcome {}

        record Failed(Refusal refusal) implements Outcome {}
    }

    /// Dials on `loop`, and calls `then` there exactly once.
    public void dial(Permit permit, EventLoop loop, Consumer<Outcome> then) {
        attempt(permit, 0, loop, then);
    }

    private void attempt(Permit permit, int index, EventLoop loop, Consumer<Outcome> then) {
        var address = permit.addresses().get(index);
        connect(permit, address, loop)
                .addListener((Future<TunnelStream> done) -> {
                    if (done.isSuccess()) {
                        then.accept(new Outcome.Connected(done.getNow(), address));
                    } else if (index + 1 < Math.min(permit.addresses().size(), MAX_ATTEMPTS)) {
                        attempt(permit, index + 1, loop, then);
                    } else {
                        then.accept(new Outcome.Failed(refusal(address, done.cause())));
                    }
                });
    }

    private Future<TunnelStream> connect(Permit permit, InetSocketAddress address, EventLoop loop) {
        return switch (permit.request().kind()) {
            case TCP -> sockets.tcp(loop, address, connectTimeout, permit);
            case UDP -> sockets.udp(loop, address, permit);
            case BIND -> throw new IllegalStateException("kind: BIND (expected: one to dial)");
        };
    }

    // RFC 9209, section 2.1.2: the refusal says which address it was that did not answer.
    private static Refusal refusal(InetSocketAddress address, @Nullable Throwable cause) {
        var reason = reason(cause).because(details(cause));
        return reason.reason().side() == FailureSide.TARGET
                ? reason.saying("next-hop", HostPort.of(address).toString())
                : reason;
    }

    private static String details(@Nullable Throwable cause) {
        return switch (cause) {
            case SourceExhaustedException exhausted -> TargetSockets.details(exhausted);
            case null, default -> "";
        };
    }

    private static RefusalReason reason(@Nullable Throwable cause) {
        return switch (cause) {
            case SourceExhaustedException _ -> RefusalReason.OVERLOADED;
            case IllegalStateException _ -> RefusalReason.INTERNAL; // Of a TargetSocketSupplier.
            case ConnectTimeoutException _ -> RefusalReason.CONNECTION_TIMEOUT;
            case NoRouteToHostException _ -> RefusalReason.DESTINATION_UNROUTABLE;
            case ConnectException refused ->
                    isUnroutable(refused)
                            ? RefusalReason.DESTINATION_UNROUTABLE
                            : RefusalReason.CONNECTION_REFUSED;
            case null, default -> RefusalReason.DESTINATION_UNROUTABLE;
        };
    }

    private static boolean isUnroutable(ConnectException cause) {
        var message = cause.getMessage();
        return message != null && message.contains("unreachable");
    }
}
