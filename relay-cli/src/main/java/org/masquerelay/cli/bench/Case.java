package org.masquerelay.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// One thing to measure.
///
/// @param payload bytes of each datagram; 0 for TCP
/// @param hops relays between the load generator and the target
public record Case(Traffic traffic, int payload, int hops) {
    private static final int MAX_HOPS = 2;

    /// What is carried, as seen from the load generator.
    public enum Traffic {
        UDP,
        TCP_UP,
        TCP_DOWN;

        boolean isUdp() {
            return this == UDP;
        }
    }

    /// All of them, the cheapest path first.
    public static List<Case> all() {
        var cases = new ArrayList<Case>();
        for (int hops = 0; hops <= MAX_HOPS; hops++) {
            cases.add(new Case(Traffic.UDP, 64, hops));
            cases.add(new Case(Traffic.UDP, 1200, hops));
            cases.add(new Case(Traffic.TCP_UP, 0, hops));
            cases.add(new Case(Traffic.TCP_DOWN, 0, hops));
        }
        return cases;
    }

    /// Those whose name is or starts with one of `patterns`, or which have it between two dashes;
    /// all when there is no pattern.
    public static List<Case> matching(List<String> patterns) {
        return all().stream()
                .filter(c -> patterns.isEmpty() || patterns.stream().anyMatch(c::matches))
                .toList();
    }

    public static Optional<Case> named(String name) {
        return all().stream().filter(c -> c.name().equals(name)).findFirst();
    }

    /// Such as `udp-1200-2` or `tcp-up-0`: what, and over how many hops.
    public String name() {
        String what = traffic.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return traffic.isUdp() ? what + "-" + payload + "-" + hops : what + "-" + hops;
    }

    /// Whether it measures round trips behind a relay that asks for tokens.
    public boolean hasGate() {
        return traffic.isUdp() && hops > 1;
    }

    private boolean matches(String pattern) {
        return (name() + "-").startsWith(pattern + "-") || name().endsWith("-" + pattern);
    }
}
