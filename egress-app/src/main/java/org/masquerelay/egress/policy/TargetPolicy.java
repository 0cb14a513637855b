package org.masquerelay.egress.policy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelRequest;

/// Decides where tunnels may go, by the addresses a target really has.
public final class TargetPolicy {
    private final boolean allowPrivate;

    public TargetPolicy(boolean allowPrivate) {
        this.allowPrivate = allowPrivate;
    }

    /// What the policy says.
    public sealed interface Ruling {
        record Permitted(Permit permit) implements Ruling {}

        record Prohibited(Refusal refusal) implements Ruling {}
    }

    /// Keeps the allowed ones of the addresses that the request's target was resolved to.
    public Ruling rule(TunnelRequest request, List<InetAddress> resolved) {
        var allowed =
                resolved.stream()
                        .filter(address -> allowPrivate || NonPublicNetworks.isPublic(address))
                        .map(address -> new InetSocketAddress(address, request.target().port()))
                        .toList();
        if (allowed.isEmpty()) {
            return new Ruling.Prohibited(
                    RefusalReason.DESTINATION_PROHIBITED.because(
                            "the target has no address that tunnels may go to"));
        }
        return new Ruling.Permitted(new Permit(request, allowed));
    }
}
