package org.masquerelay.ingress;

import org.masquerelay.gate.Admission;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.ingress.passthrough.Passthrough;
import org.masquerelay.ingress.passthrough.Passthrough.Outcome;
import org.masquerelay.splice.OpenTunnels;
import org.masquerelay.splice.TunnelTimes;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;

/// One admitted tunnel straight to an egress: dial, answer the client, splice. Confined to the
/// client's loop.
final class PassthroughTunnel {
    private final Passthrough passthrough;
    private final Chain chain;
    private final OpenTunnels tunnels;
    private final TunnelExchange exchange;
    private final Admission admission;

    PassthroughTunnel(
            Passthrough passthrough,
            Chain chain,
            OpenTunnels tunnels,
            TunnelExchange exchange,
            Admission admission) {
        this.passthrough = passthrough;
        this.chain = chain;
        this.tunnels = tunnels;
        this.exchange = exchange;
        this.admission = admission;
    }

    /// @param to what [Passthrough#egress] says of the request
    void start(HostPort to) {
        passthrough.dial(
                to,
                admission,
                exchange.eventLoop(),
                outcome -> {
                    switch (outcome) {
                        case Outcome.Connected(var egress) -> splice(egress);
                        case Outcome.Failed(var refusal) -> giveUp(refusal);
                    }
                });
    }

    private void splice(TunnelStream egress) {
        if (exchange.isAbandoned()) {
            egress.reset(ResetCause.CANCELLED);
            admission.giveBack();
            exchange.abandon();
            return;
        }
        admission.spend();
        tunnels.join(
                admission.request(),
                exchange.eventLoop(),
                () -> exchange.accept(chain.toClient(TunnelKind.UDP, HeaderFields.NONE)),
                egress,
                TunnelTimes.idle(passthrough.idleTime()),
                _ -> {});
    }

    private void giveUp(Refusal refusal) {
        admission.giveBack();
        if (exchange.isAbandoned()) {
            exchange.abandon();
        } else {
            exchange.refuse(refusal);
        }
    }
}
