package org.masquerelay.egress.rule;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;

/// Some of the ports from 0 to 65535.
///
/// @param ranges in ascending order, apart from each other by at least one port
public record PortRanges(List<Range> ranges) {
    public static final int MAX_PORT = 65535;

    public static final PortRanges ALL = new PortRanges(List.of(new Range(0, MAX_PORT)));

    public static final PortRanges NONE = new PortRanges(List.of());

    private static final String ANY = "*";
    private static final int MAX_DIGITS = 5;

    /// Ports from the first to the last, both included.
    public record Range(int first, int last) {
        public Range {
            if (first < 0 || last > MAX_PORT || first > last) {
                throw new IllegalArgumentException(
                        "ports: " + first + " to " + last + " (expected: ascending, to 65535)");
            }
        }
    }

    public PortRanges {
        ranges = List.copyOf(ranges);
        int before = -2;
        for (var range : ranges) {
            if (range.first() < before + 2) {
                throw new IllegalArgumentException("ports: not apart (expected: gaps between)");
            }
            before = range.last();
        }
    }

    public static PortRanges of(BitSet ports) {
        var ranges = new ArrayList<Range>();
        for (int first = ports.nextSetBit(0); first >= 0; ) {
            int end = ports.nextClearBit(first);
            ranges.add(new Range(first, end - 1));
            first = ports.nextSetBit(end);
        }
        return new PortRanges(ranges);
    }

    public static PortRanges of(Collection<Integer> ports) {
        var set = new BitSet();
        ports.forEach(set::set);
        return of(set);
    }

    /// `*`, or ports such as `443` and ranges such as `8000-8099` with commas between.
    public static PortRanges parse(String text) throws RuleFormatException {
        if (text.equals(ANY)) {
            return ALL;
        }
        var ports = new BitSet();
        for (var part : text.split(",", -1)) {
            addTo(ports, part);
        }
        return of(ports);
    }

    private static void addTo(BitSet ports, String part) throws RuleFormatException {
        int dash = part.indexOf('-');
        int first = port(dash < 0 ? part : part.substring(0, dash));
        int last = dash < 0 ? first : port(part.substring(dash + 1));
        if (first > last) {
            throw new RuleFormatException("a range of ports runs backwards");
        }
        ports.set(first, last + 1);
    }

    private static int port(String digits) throws RuleFormatException {
        boolean isNumber =
                !digits.isEmpty()
                        && digits.length() <= MAX_DIGITS
                        && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                        && (digits.length() == 1 || digits.charAt(0) != '0');
        if (!isNumber || Integer.parseInt(digits) > MAX_PORT) {
            throw new RuleFormatException(
                    "a port is not a number from 0 to 65535; ports are such as 53,853 or 8000-8099"
                            + " or *");
        }
        return Integer.parseInt(digits);
    }

    public boolean contains(int port) {
        int low = 0;
        int high = ranges.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            var range = ranges.get(middle);
            if (port < range.first()) {
                high = middle - 1;
            } else if (port > range.last()) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    /// Puts these ports into `ports`.
    public void addTo(BitSet ports) {
        ranges.forEach(range -> ports.set(range.first(), range.last() + 1));
    }
}
