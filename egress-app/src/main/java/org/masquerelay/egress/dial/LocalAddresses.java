package org.masquerelay.egress.dial;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

    LocalAddresses(BindSettings settings) {
        this.settings = settings;
    }

    /// What to bind to; for a tunnel with a target, the address that packets to it leave from.
    /// Empty when this machine has no route.
    List<InetAddress> choose(Optional<InetSocketAddress> target) {
        if (!settings.addresses().isEmpty()) {
            return settings.addresses();
        }
        var chosen = new ArrayList<InetAddress>();
        for (var elsewhere : ELSEWHERE) {
            if (isOffered(elsewhere.getAddress())) {
                var towards = target.filter(to -> isSameFamily(to, elsewhere)).orElse(elsewhere);
                sourceTowards(towards).ifPresent(chosen::add);
            }
        }
        return chosen;
    }

    private boolean isOffered(InetAddress family) {
        var told = settings.publicAddresses();
        return told.isEmpty() || hasFamilyOf(family, told);
    }

    // The kernel looks up its routes; nothing is sent, and nothing waits.
    private static Optional<InetAddress> sourceTowards(InetSocketAddress target) {
        var family =
                target.getAddress() instanceof Inet4Address
                        ? StandardProtocolFamily.INET
                        : StandardProtocolFamily.INET6;
        try (var probe = DatagramChannel.open(family)) {
            probe.connect(target);
            return Optional.of(((InetSocketAddress) probe.getLocalAddress()).getAddress());
        } catch (IOException _) {
            return Optional.empty();
        }
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
