package org.masquerelay.egress.policy;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;
import org.masquerelay.egress.rule.PortRanges;
import org.masquerelay.egress.rule.Protocol;
import org.masquerelay.egress.rule.TargetRule;

/// Gathers the ports of all rules for networks, by protocol: a target that none of them is about
/// needs no look-up of its name.
final class NetworkPorts {
    private final Map<Protocol, BitSet> ports = new EnumMap<>(Protocol.class);

    void add(TargetRule rule) {
        for (var protocol : rule.protocols()) {
            rule.ports().addTo(ports.computeIfAbsent(protocol, _ -> new BitSet()));
        }
    }

    Map<Protocol, PortRanges> build() {
        if (ports.isEmpty()) {
            return Map.of();
        }
        var ranges = new EnumMap<Protocol, PortRanges>(Protocol.class);
        ports.forEach((protocol, set) -> ranges.put(protocol, PortRanges.of(set)));
        return Map.copyOf(ranges);
    }
}
