package org.masquerelay.egress.resolve;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Which families of addresses tunnels go to, and which of them is tried first.
public enum AddressFamilies {
    /// IPv6 and IPv4 in turn, IPv6 first (RFC 8305, section 4).
    DUAL_STACK,
    /// Every IPv4 address before the first IPv6 address.
    IPV4_PREFERRED,
    /// Every IPv6 address before the first IPv4 address.
    IPV6_PREFERRED,
    IPV4_ONLY,
    IPV6_ONLY;

    public boolean allows(InetAddress address) {
        return switch (this) {
            case IPV4_ONLY -> address instanceof Inet4Address;
            case IPV6_ONLY -> address instanceof Inet6Address;
            case DUAL_STACK, IPV4_PREFERRED, IPV6_PREFERRED -> true;
        };
    }

    /// The allowed ones, in the order to be tried. Within a family the order is kept: it is the one
    /// that the DNS server chose.
    public List<InetAddress> order(List<InetAddress> addresses) {
        var v4 = addresses.stream().filter(Inet4Address.class::isInstance).toList();
        var v6 = addresses.stream().filter(Inet6Address.class::isInstance).toList();
        return switch (this) {
            case IPV4_ONLY -> v4;
            case IPV6_ONLY -> v6;
            case IPV4_PREFERRED -> Stream.concat(v4.stream(), v6.stream()).toList();
            case IPV6_PREFERRED -> Stream.concat(v6.stream(), v4.stream()).toList();
            case DUAL_STACK -> inTurn(v6, v4);
        };
    }

    private static List<InetAddress> inTurn(List<InetAddress> first, List<InetAddress> second) {
        var all = new ArrayList<InetAddress>(first.size() + second.size());
        for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
            if (i < first.size()) {
                all.add(first.get(i));
            }
            if (i < second.size()) {
                all.add(second.get(i));
            }
        }
        return all;
    }
}
