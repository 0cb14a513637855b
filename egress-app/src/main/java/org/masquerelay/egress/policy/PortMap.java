package org.masquerelay.egress.policy;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.masquerelay.egress.rule.PortRanges.Range;
import org.masquerelay.egress.rule.Protocol;
import org.masquerelay.egress.rule.TargetRule;

/// The [Mark]s of the rules for one destination, by protocol and port. Immutable; equal if it says
/// the same.
final class PortMap {
    private static final Protocol[] PROTOCOLS = Protocol.values();

    private final @Nullable Segments[] byProtocol;

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
    }

    private PortMap(@Nullable Segments[] byProtocol) {
        this.byProtocol = byProtocol;
    }

    /// The mark of the first rule for this port, or [Mark#NONE].
    int find(Protocol protocol, int port) {
        var segments = byProtocol[protocol.ordinal()];
        return segments == null ? Mark.NONE : segments.find(port);
    }

    boolean has(Protocol protocol) {
        return byProtocol[protocol.ordinal()] != null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PortMap map && Arrays.equals(byProtocol, map.byProtocol);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(byProtocol);
    }

    /// Collects rules in the order they are written: of several for one port, the first counts.
    static final class Builder {
        private final @Nullable TreeMap<Integer, Taken>[] byProtocol = newMaps();

        private record Taken(int last, int mark) {}

        @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of generic types.
        private static @Nullable TreeMap<Integer, Taken>[] newMaps() {
            return new TreeMap[PROTOCOLS.length];
        }

        void add(TargetRule rule, int mark) {
            add(rule.protocols(), rule, mark);
        }

        private void add(Set<Protocol> protocols, TargetRule rule, int mark) {
            for (var protocol : protocols) {
                var taken = byProtocol[protocol.ordinal()];
                if (taken == null) {
                    taken = new TreeMap<>();
                    byProtocol[protocol.ordinal()] = taken;
                }
                for (var range : rule.ports().ranges()) {
                    fill(taken, range, mark);
                }
            }
        }

        /// Takes what nobody has taken before.
        private static void fill(TreeMap<Integer, Taken> taken, Range range, int mark) {
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
            var segments = new @Nullable Segments[PROTOCOLS.length];
            for (var protocol : PROTOCOLS) {
                var taken = byProtocol[protocol.ordinal()];
                segments[protocol.ordinal()] = taken == null ? null : segments(taken);
            }
            return new PortMap(segments);
        }

        private static Segments segments(TreeMap<Integer, Taken> taken) {
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
