package org.masquerelay.transport;

/// The ports that a socket may start from, both ends included.
///
/// @param first 1 or more
/// @param last at least `first`, at most 65535
public record SourcePorts(int first, int last) {
    private static final int MAX = 65_535;

    public SourcePorts {
        if (first < 1 || first > last || last > MAX) {
            throw new IllegalArgumentException(
                    "ports: "
                            + first
                            + "-"
                            + last
                            + " (expected: from 1 to 65535, the first first)");
        }
    }

    /// Reads `10000-60999`.
    public static SourcePorts parse(String text) {
        int dash = text.indexOf('-');
        if (dash < 0) {
            throw new IllegalArgumentException("ports: no dash (expected: as 10000-60999)");
        }
        return new SourcePorts(
                Integer.parseInt(text.substring(0, dash).strip()),
                Integer.parseInt(text.substring(dash + 1).strip()));
    }

    int count() {
        return last - first + 1;
    }

    boolean contains(SourcePorts other) {
        return first <= other.first && other.last <= last;
    }
}
