package org.masquerelay.http;

import java.util.Set;
import org.masquerelay.capsule.CapsuleBudget;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.capsule.CapsuleType;
import org.masquerelay.observe.ConnectionTrace.TunnelTrace;
import org.masquerelay.observe.TunnelListener;

/// How the payload of a tunnel travels on a [MessageStream].
sealed interface Carriage {
    /// The types of bind capsules.
    Set<Long> BIND_CAPSULES =
            Set.of(
                    CapsuleType.COMPRESSION_ASSIGN,
                    CapsuleType.COMPRESSION_ACK,
                    CapsuleType.COMPRESSION_CLOSE);

    /// Bytes as the content of the message.
    record Bytes() implements Carriage {}

    /// Bytes in DATA capsules.
    record DataCapsules(ConnectTcp.Form form) implements Carriage {}

    /// HTTP Datagrams.
    ///
    /// @param control capsule types that belong to the tunnel, beside DATAGRAM
    record Datagrams(Set<Long> control) implements Carriage {}

    /// Whether the message says that it uses the Capsule Protocol (RFC 9297, section 3.4).
    default boolean hasCapsules() {
        return !(this instanceof Bytes);
    }

    /// The tunnel on `stream`, which hears from now on what arrives there.
    default HttpTunnel on(MessageStream stream, Capsules capsules) {
        return switch (this) {
            case Bytes() -> new ByteTunnel(stream);
            case DataCapsules(var form) ->
                    new ConnectTcpTunnel(stream, form, capsules.rules(Set.of()));
            case Datagrams(var control) -> new DatagramTunnel(stream, capsules.rules(control));
        };
    }

    /// What the tunnels of one connection share.
    record Capsules(
            CapsulePolicy policy,
            CapsuleBudget budget,
            TunnelListener listener,
            TunnelTrace trace) {
        Capsules(CapsulePolicy policy, CapsuleBudget budget, TunnelListener listener) {
            this(policy, budget, listener, TunnelTrace.OFF);
        }

        CapsuleRules rules(Set<Long> control) {
            return new CapsuleRules(policy, control, budget, listener, trace);
        }

        /// Those of a tunnel that is written down.
        Capsules with(TunnelTrace other) {
            return other.equals(trace) ? this : new Capsules(policy, budget, listener, other);
        }
    }
}
