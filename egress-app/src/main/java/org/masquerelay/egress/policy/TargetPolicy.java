package org.masquerelay.egress.policy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelRequest;

/// Decides where tunnels may go, by the addresses a target really has and by its port.
///
/// Its answers never change once all listeners are bound. Used by every event loop.
public final class TargetPolicy {
    private final TargetRules rules;
    private final OwnListeners own;

    public TargetPolicy(TargetRules rules, OwnListeners own) {
        this.rules = rules;
        this.own = own;
    }

    /// What the policy says.
    public sealed interface Ruling {
        record Permitted(Permit permit) implements Ruling {}

        record Prohibited(Refusal refusal) implements Ruling {}
    }

    /// Why no tunnel goes to this port, if so. For those who ask before they resolve a name; the
    /// ruling says it as well.
    public Optional<Refusal> refusalOfPort(int port) {
        return rules.deniedPorts().contains(port)
                ? Optional.of(
                        RefusalReason.FORBIDDEN.because("no tunnel goes to the port of the target"))
                : Optional.empty();
    }

    /// Keeps the allowed ones of the addresses that the request's target was resolved to.
    public Ruling rule(TunnelRequest request, List<InetAddress> resolved) {
        int port = request.target().port();
        var denied = refusalOfPort(port);
        if (denied.isPresent()) {
            return new Ruling.Prohibited(denied.get());
        }
        var allowed =
                resolved.stream()
                        .filter(this::isAllowed)
                        .map(address -> new InetSocketAddress(address, port))
                        .toList();
        if (allowed.isEmpty()) {
            return new Ruling.Prohibited(
                    RefusalReason.DESTINATION_PROHIBITED.because(
                            "the target has no address that tunnels may go to"));
        }
        var elsewhere = allowed.stream().filter(address -> !own.contains(address)).toList();
        if (elsewhere.isEmpty()) {
            return new Ruling.Prohibited(
                    RefusalReason.LOOP.because("the target is this relay itself"));
        }
        return new Ruling.Permitted(new Permit(request, elsewhere));
    }

    /// Whether a bind tunnel may exchange datagrams with this peer.
    public boolean allows(InetSocketAddress peer) {
        return !rules.deniedPorts().contains(peer.getPort())
                && isAllowed(peer.getAddress())
                && !own.contains(peer);
    }

    private boolean isAllowed(InetAddress address) {
        return rules.allowPrivate() || NonPublicNetworks.isPublic(address);
    }
}
