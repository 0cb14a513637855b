package org.masquerelay.http;

import java.util.Set;
import org.masquerelay.capsule.CapsuleBudget;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.capsule.CapsuleType;
import org.masquerelay.observe.ConnectionTrace.TunnelTrace;
import org.masquerelay.observe.Losses;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.observe.TunnelTags;

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
    default HttpTunnel on(MessageStream stream, OfTunnel capsules) {
        return switch (this) {
            case Bytes() -> new ByteTunnel(stream);
            case DataCapsules(var form) ->
                    new ConnectTcpTunnel(stream, form, capsules.rules(Set.of()));
            case Datagrams(var control) -> new DatagramTunnel(stream, capsules.rules(control));
        };
    }

    /// What the tunnels of one connection share.
    record Capsules(CapsulePolicy policy, CapsuleBudget budget, TunnelListener listener) {
        /// Those of one tunnel.
        OfTunnel of(TunnelTags tags, TunnelTrace trace) {
            return new OfTunnel(policy, budget, listener.losses(tags), trace);
        }
    }

    /// What one tunnel does with capsules, whatever carries it.
    ///
    /// @param trace where it is written down, if it is
    record OfTunnel(CapsulePolicy policy, CapsuleBudget budget, Losses losses, TunnelTrace trace) {
        CapsuleRules rules(Set<Long> control) {
            return new CapsuleRules(policy, control, budget, losses, trace);
        }
    }
}
