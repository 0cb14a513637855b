package org.masquerelay.egress.policy;

import java.net.InetAddress;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.masquerelay.egress.rule.Destination;
import org.masquerelay.egress.rule.Destination.Anywhere;
import org.masquerelay.egress.rule.Destination.Below;
import org.masquerelay.egress.rule.Destination.Name;
import org.masquerelay.egress.rule.Destination.Network;
import org.masquerelay.egress.rule.PortRanges;
import org.masquerelay.egress.rule.Protocol;
import org.masquerelay.egress.rule.TargetRule;

/// Rules, made ready for questions.
///
/// A question takes a look-up for each label of a name, and at most one step for each bit of an
/// address. Of several rules the one with the most exact destination counts, and among those of one
/// destination the first. Immutable.
public final class TargetTable {
    /// Without a rule.
    public static final TargetTable NOTHING = of(List.of());

    /// With one rule, for everything.
    public static final TargetTable EVERYTHING =
            of(
                    List.of(
                            new TargetRule(
                                    Set.of(Protocol.values()),
                                    new Anywhere(),
                                    PortRanges.ALL,
                                    Optional.empty())));

    private final Map<String, PortMap> names;
    private final Map<String, PortMap> parents;
    private final @Nullable NetworkTrie v4;
    private final @Nullable NetworkTrie v6;
    private final @Nullable PortMap anywhere;
    private final Map<Protocol, PortRanges> ofNetworks;
    private final int bindMark;

    private TargetTable(Builder rules, UnaryOperator<PortMap> shared) {
        var names = new HashMap<String, PortMap>();
        var parents = new HashMap<String, PortMap>();
        @Nullable NetworkTrie v4 = null;
        @Nullable NetworkTrie v6 = null;
        @Nullable PortMap anywhere = null;
        for (var entry : rules.byDestination.entrySet()) {
            var ports = shared.apply(entry.getValue().build());
            switch (entry.getKey()) {
                case Name(var name) -> names.put(name, ports);
                case Below(var parent) -> parents.put(parent, ports);
                case Network(var address, int length) -> {
                    var bits = AddressBits.of(address);
                    if (bits.isV4()) {
                        v4 = v4 == null ? new NetworkTrie() : v4;
                        v4.put(bits, length, ports);
                    } else {
                        v6 = v6 == null ? new NetworkTrie() : v6;
                        v6.put(bits, length, ports);
                    }
                }
                case Anywhere() -> anywhere = ports;
            }
        }
        this.names = Map.copyOf(names);
        this.parents = Map.copyOf(parents);
        this.v4 = v4;
        this.v6 = v6;
        this.anywhere = anywhere;
        this.ofNetworks = rules.ofNetworks();
        this.bindMark = rules.bindMark;
    }

    public static TargetTable of(Collection<TargetRule> rules) {
        return of(rules, ports -> ports);
    }

    /// What no tunnel reaches: to a target, a datagram of a bind tunnel is one as any, so that a
    /// rule for `udp` is one for `bind` as well.
    public static TargetTable denying(Collection<TargetRule> rules) {
        return of(rules.stream().map(TargetTable::withBind).toList());
    }

    private static TargetRule withBind(TargetRule rule) {
        if (!rule.protocols().contains(Protocol.UDP)) {
            return rule;
        }
        var protocols = EnumSet.copyOf(rule.protocols());
        protocols.add(Protocol.BIND);
        return new TargetRule(protocols, rule.destination(), rule.ports(), rule.dscp());
    }

    /// @param shared gives an equal one for each that is made, so that there is only one of it
    static TargetTable of(Collection<TargetRule> rules, UnaryOperator<PortMap> shared) {
        var builder = new Builder();
        rules.forEach(builder::add);
        return new TargetTable(builder, shared);
    }

    private static final class Builder {
        final Map<Destination, PortMap.Builder> byDestination = new LinkedHashMap<>();
        private final NetworkPorts networkPorts = new NetworkPorts();
        private int bindMark = Mark.NONE;

        void add(TargetRule rule) {
            var destination = rule.destination();
            boolean isNetwork = destination instanceof Network;
            int mark = Mark.of(rule.dscp(), isNetwork && opens((Network) destination));
            byDestination.computeIfAbsent(destination, _ -> new PortMap.Builder()).add(rule, mark);
            if (isNetwork) {
                networkPorts.add(rule);
            }
            boolean isOfPeers = isNetwork || destination instanceof Anywhere;
            if (isOfPeers && rule.protocols().contains(Protocol.BIND)) {
                bindMark = Mark.firstOf(bindMark, mark);
            }
        }

        Map<Protocol, PortRanges> ofNetworks() {
            return networkPorts.build();
        }
    }

    /// Whether a rule for this network opens it where it is not for the public: all of it is not,
    /// or it is a single address, which may be one of this machine.
    static boolean opens(Network network) {
        return network.length() == Byte.SIZE * network.address().getAddress().length
                || NonPublicNetworks.contain(network.address(), network.length());
    }

    /// The mark of the rule for a target of this name, exact or by the longest parent, or
    /// [Mark#NONE].
    ///
    /// @param name in lower case, without a dot at its end
    int ofName(String name, Protocol protocol, int port) {
        int mark = find(names, name, protocol, port);
        int dot = parents.isEmpty() ? -1 : name.indexOf('.');
        while (mark == Mark.NONE && dot >= 0) {
            mark = find(parents, name.substring(dot + 1), protocol, port);
            dot = name.indexOf('.', dot + 1);
        }
        return mark;
    }

    private static int find(Map<String, PortMap> among, String name, Protocol protocol, int port) {
        var ports = among.get(name);
        return ports == null ? Mark.NONE : ports.find(protocol, port);
    }

    /// The mark of the rule for the smallest network that has the address, or [Mark#NONE].
    int ofAddress(InetAddress address, Protocol protocol, int port) {
        if (v4 == null && v6 == null) {
            return Mark.NONE;
        }
        var bits = AddressBits.of(address);
        var trie = bits.isV4() ? v4 : v6;
        return trie == null ? Mark.NONE : trie.find(bits, protocol, port);
    }

    /// The mark of the rule for every target, or [Mark#NONE].
    int ofAnything(Protocol protocol, int port) {
        return anywhere == null ? Mark.NONE : anywhere.find(protocol, port);
    }

    /// Whether rules for every target have all ports.
    boolean isOfEveryTarget(Protocol protocol) {
        return anywhere != null && anywhere.hasAllPorts(protocol);
    }

    /// Whether there is an address that a rule for a network could match.
    boolean mayMatchAddress(Protocol protocol, int port) {
        return ofNetworks.getOrDefault(protocol, PortRanges.NONE).contains(port);
    }

    /// The mark of the first rule by which a bind tunnel could reach a peer, or [Mark#NONE].
    int ofPeers() {
        return bindMark;
    }
}
