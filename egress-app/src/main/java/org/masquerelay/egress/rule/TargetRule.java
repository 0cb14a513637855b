package org.masquerelay.egress.rule;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One rule about targets.
///
/// @param dscp with which packets to the target are marked; empty leaves them as they are
public record TargetRule(
        Set<Protocol> protocols, Destination destination, PortRanges ports, Optional<Dscp> dscp) {
    public TargetRule {
        protocols = Set.copyOf(protocols);
    }

    /// A rule without DSCP: a destination alone, or protocol, destination and ports.
    public static TargetRule parse(String text) throws RuleFormatException {
        var words = text.strip().split("\\s+", -1);
        return switch (words.length) {
            case 1 -> of("*", words[0], "*", Optional.empty());
            case 3 -> of(words[0], words[1], words[2], Optional.empty());
            default ->
                    throw new RuleFormatException(
                            "a rule is a destination, or protocol, destination and ports, such as"
                                    + " tcp *.example.com 443");
        };
    }

    /// The columns behind the tenant: protocol, destination, ports and, if it is there, DSCP.
    public static TargetRule of(List<String> columns) throws RuleFormatException {
        if (columns.size() < 3 || columns.size() > 4) {
            throw new RuleFormatException(
                    "a line is tenant, protocol, destination, ports and, if wanted, DSCP");
        }
        return of(
                columns.get(0),
                columns.get(1),
                columns.get(2),
                columns.size() == 4 ? Optional.of(Dscp.parse(columns.get(3))) : Optional.empty());
    }

    private static TargetRule of(
            String protocols, String destination, String ports, Optional<Dscp> dscp)
            throws RuleFormatException {
        return new TargetRule(
                Protocol.parse(protocols),
                Destination.parse(destination),
                PortRanges.parse(ports),
                dscp);
    }
}
