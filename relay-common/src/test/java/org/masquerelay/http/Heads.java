package org.masquerelay.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Request heads as names and values in turn.
final class Heads {
    private Heads() {}

    /// Extended CONNECT (RFC 9298, section 3.4) with this path, and more lines behind.
    static String[] udpPath(String path, String... more) {
        var lines =
                new ArrayList<>(
                        List.of(
                                ":method",
                                "CONNECT",
                                ":protocol",
                                "connect-udp",
                                ":scheme",
                                "https",
                                ":authority",
                                "localhost",
                                ":path",
                                path));
        lines.addAll(Arrays.asList(more));
        return lines.toArray(String[]::new);
    }

    static String[] udp(String... more) {
        return udpPath("/.well-known/masque/udp/target.test/7/", more);
    }

    /// Classic CONNECT (RFC 9114, section 4.4).
    static String[] tcp(String... more) {
        var lines = new ArrayList<>(List.of(":method", "CONNECT", ":authority", "target.test:7"));
        lines.addAll(Arrays.asList(more));
        return lines.toArray(String[]::new);
    }
}
