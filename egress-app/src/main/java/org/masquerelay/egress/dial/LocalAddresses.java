package org.masquerelay.egress.dial;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.masquerelay.egress.policy.Permit;
import org.masquerelay.egress.source.TargetSockets;
import org.masquerelay.transport.SourceProbe;

/// Chooses the addresses of this machine that a bind tunnel is bound to, one per family at most.
final class LocalAddresses {
    private static final int ANY_PORT = 9;

    /// Addresses that no network has (RFC 5737 and RFC 3849), so that the default route leads
    /// there.
    private static final List<InetSocketAddress> ELSEWHERE =
            List.of(
                    new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), ANY_PORT),
                    new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), ANY_PORT));

    private final BindSettings settings;
    private final TargetSockets sockets;

    LocalAddresses(BindSettings settings, TargetSockets sockets) {
        this.settings = settings;
        this.sockets = sockets;
    }

    /// What to bind to. Of each family it is the address that is selected for the tunnel, or the
    /// one that is configured for bind tunnels, or for a tunnel with a target the one that packets
    /// to it leave from. Empty when this machine has no route.
    List<InetAddress> choose(Permit permit, Optional<InetSocketAddress> target) {
        var chosen = new ArrayList<InetAddress>();
        for (var elsewhere : ELSEWHERE) {
            if (isOffered(elsewhere.getAddress())) {
                var towards = target.filter(to -> isSameFamily(to, elsewhere)).orElse(elsewhere);
                address(permit, towards).ifPresent(chosen::add);
            }
        }
        return chosen;
    }

    private boolean isOffered(InetAddress family) {
        return isOffered(family, settings.addresses())
                && isOffered(family, settings.publicAddresses());
    }

    private static boolean isOffered(InetAddress family, List<InetAddress> configured) {
        return configured.isEmpty() || hasFamilyOf(family, configured);
    }

    private Optional<InetAddress> address(Permit permit, InetSocketAddress towards) {
        var source = sockets.source(permit, towards.getAddress());
        return source.address()
                .or(() -> configured(towards.getAddress()))
                .or(() -> SourceProbe.towards(towards, source));
    }

    private Optional<InetAddress> configured(InetAddress family) {
        return settings.addresses().stream()
                .filter(address -> isSameFamily(address, family))
                .findFirst();
    }

    static boolean hasFamilyOf(InetAddress address, List<InetAddress> among) {
        return among.stream().anyMatch(one -> isSameFamily(one, address));
    }

    private static boolean isSameFamily(InetSocketAddress one, InetSocketAddress other) {
        return isSameFamily(one.getAddress(), other.getAddress());
    }

    static boolean isSameFamily(InetAddress one, InetAddress other) {
        return one instanceof Inet4Address == other instanceof Inet4Address;
    }
}
