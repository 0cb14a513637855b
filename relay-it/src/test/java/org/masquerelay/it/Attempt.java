package org.masquerelay.it;

import java.util.ArrayList;
import java.util.Arrays;
import org.masquerelay.testkit.RawClient;
import org.masquerelay.testkit.RawTunnel;
import org.masquerelay.tunnel.HeaderFields;

/// A request for one tunnel on a connection of its own.
///
/// @param field the field that the client has its credentials in
record Attempt(TwoHops hops, RawClient client, Kind kind, Targets targets, String field) {
    /// How a tunnel is asked for.
    enum Kind {
        /// RFC 9110, section 9.3.6.
        CONNECT,
        /// RFC 9298.
        CONNECT_UDP
    }

    RawTunnel open(HeaderFields fields) throws Exception {
        var lines = new ArrayList<String>();
        fields.forEach(line -> lines.addAll(Arrays.asList(line.name(), line.value())));
        return switch (kind) {
            case CONNECT -> client.connect(targets.tcp().toString(), lines.toArray(String[]::new));
            case CONNECT_UDP -> {
                lines.addAll(Arrays.asList("capsule-protocol", "?1"));
                yield client.upgrade(
                        "connect-udp",
                        "/.well-known/masque/udp/127.0.0.1/" + targets.udp().port() + "/",
                        lines.toArray(String[]::new));
            }
        };
    }
}
