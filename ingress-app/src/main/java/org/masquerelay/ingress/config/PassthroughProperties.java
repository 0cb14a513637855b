package org.masquerelay.ingress.config;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.ingress.passthrough.PassthroughSettings;
import org.masquerelay.ingress.upstream.UpstreamSettings;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.WireFormatException;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Nested mode: the egresses that clients may talk HTTP/3 to themselves, through this ingress.
///
/// @param egresses their hosts and UDP ports, as clients ask for them; none turns nested mode off,
///   unless the fleet is one
/// @param fleet whether the egresses of the next hop are among them
/// @param only whether tunnels to everything else are refused
public record PassthroughProperties(
        @DefaultValue List<String> egresses,
        @DefaultValue("false") boolean fleet,
        @DefaultValue("false") boolean only) {

    public PassthroughSettings toSettings(UpstreamSettings upstream) {
        var parsed = parsed();
        if (only && parsed.isEmpty() && !fleet) {
            throw new BadSettingException(
                    "relay.passthrough.only",
                    "is true and there is no egress to pass through to, so no tunnel could ever"
                            + " open",
                    "List egresses in relay.passthrough.egresses, or set it to false");
        }
        return new PassthroughSettings(
                parsed, fleet, only, upstream.connectTimeout(), upstream.udpIdle());
    }

    private Set<HostPort> parsed() {
        var all = new LinkedHashSet<HostPort>();
        for (int i = 0; i < egresses.size(); i++) {
            try {
                all.add(HostPort.parse(egresses.get(i)));
            } catch (WireFormatException _) {
                throw new BadSettingException(
                        "relay.passthrough.egresses[" + i + "]",
                        "is not the host and port of an egress",
                        "Write it as HOST:PORT, such as localhost:4434");
            }
        }
        return all;
    }
}
