package org.masquerelay.egress.dial;

import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import org.jspecify.annotations.Nullable;
import org.masquerelay.egress.source.TargetSockets;
import org.masquerelay.transport.SourceExhaustedException;
import org.masquerelay.tunnel.FailureSide;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.wire.HostPort;

/// Why none of a target's addresses could be dialled, in one refusal: the last failure, but what a
/// target said or did not say before that there is no way to another of its addresses.
final class DialFailures {
    private Refusal.Own refusal = RefusalReason.DESTINATION_UNROUTABLE.because("");

    void add(InetSocketAddress address, @Nullable Throwable cause) {
        var reason = reason(cause);
        if (reason != RefusalReason.DESTINATION_UNROUTABLE
                || refusal.reason() == RefusalReason.DESTINATION_UNROUTABLE) {
            refusal = refusal(address, reason.because(details(cause)));
        }
    }

    Refusal refusal() {
        return refusal;
    }

    // RFC 9209, section 2.1.2: the refusal says which address it was that did not answer.
    private static Refusal.Own refusal(InetSocketAddress address, Refusal.Own refusal) {
        return refusal.reason().side() == FailureSide.TARGET
                ? refusal.saying("next-hop", HostPort.of(address).toString())
                : refusal;
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
            case IllegalStateException _ -> RefusalReason.INTERNAL; // Of a bean.
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
