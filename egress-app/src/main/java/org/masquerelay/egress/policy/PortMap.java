package org.masquerelay.egress.policy;

import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.masquerelay.egress.rule.PortRanges.Range;
import org.masquerelay.egress.rule.Protocol;
import org.masquerelay.egress.rule.TargetRule;

/// The [Mark]s of the rules for one destination, by protocol and port. Immutable; equal if it says
/// the same.
final class PortMap {
    private final Map<Protocol, Segments> byProtocol;

    /// Ranges of ports that do not overlap, in ascending order, with a mark each.
    private record Segments(String firsts, String lasts, String marks) {
        int find(int port) {
            int low = 0;
            int high = firsts.length() - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                if (port < firsts.charAt(middle)) {
                    high = middle - 1;
                } else if (port > lasts.charAt(middle)) {
                    low = middle + 1;
                } else {
                    return marks.charAt(middle);
                }
            }
            return Mark.NONE;
        }

        boolean haveAllPorts() {
            int next = 0;
            for (int i = 0; i < firsts.length() && firsts.charAt(i) == next; i++) {
                next = lasts.charAt(i) + 1;
            }
            return next > Character.MAX_VALUE;
        }
    }

    private PortMap(Map<Protocol, Segments> byProtocol) {
        this.byProtocol = byProtocol;
    }

    /// The mark of the first rule for this port, or [Mark#NONE].
    int find(Protocol protocol, int port) {
        var segments = byProtocol.get(protocol);
        return segments == null ? Mark.NONE : segments.find(port);
    }

    boolean hasAllPorts(Protocol protocol) {
        var segments = byProtocol.get(protocol);
        return segments != null && segments.haveAllPorts();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PortMap map && byProtocol.equals(map.byProtocol);
    }

    @Override
    public int hashCode() {
        return byProtocol.hashCode();
    }

    /// Collects rules in the order they are written: of several for one port, the first counts.
    static final class Builder {
        private final Map<Protocol, NavigableMap<Integer, Taken>> byProtocol =
                new EnumMap<>(Protocol.class);

        private record Taken(int last, int mark) {}

        void add(TargetRule rule, int mark) {
            for (var protocol : rule.protocols()) {
                var taken = byProtocol.computeIfAbsent(protocol, _ -> new TreeMap<>());
                rule.ports().ranges().forEach(range -> fill(taken, range, mark));
            }
        }

        /// Takes what nobody has taken before.
        private static void fill(NavigableMap<Integer, Taken> taken, Range range, int mark) {
            int at = range.first();
            while (at <= range.last()) {
                var before = taken.floorEntry(at);
                if (before != null && before.getValue().last() >= at) {
                    at = before.getValue().last() + 1;
                } else {
                    var next = taken.ceilingKey(at);
                    int last = next == null ? range.last() : Math.min(range.last(), next - 1);
                    taken.put(at, new Taken(last, mark));
                    at = last + 1;
                }
            }
        }

        PortMap build() {
            var segments = new EnumMap<Protocol, Segments>(Protocol.class);
            byProtocol.forEach((protocol, taken) -> segments.put(protocol, segments(taken)));
            return new PortMap(segments);
        }

        private static Segments segments(NavigableMap<Integer, Taken> taken) {
            var firsts = new StringBuilder();
            var lasts = new StringBuilder();
            var marks = new StringBuilder();
            taken.forEach((first, segment) -> {
                firsts.append((char) (int) first);
                lasts.append((char) segment.last());
                marks.append((char) segment.mark());
            });
            return new Segments(firsts.toString(), lasts.toString(), marks.toString());
        }
    }
}
