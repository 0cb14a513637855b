package org.masquerelay.cli;

import java.nio.file.Path;
import java.util.List;
import org.masquerelay.cli.stack.Ports;
import org.masquerelay.cli.targets.DnsZone;
import org.masquerelay.wire.HostPort;

/// Commands to paste that try a relay on this machine with targets that run there as well.
///
/// @param ingress where it listens
/// @param egress the same, for nested mode
/// @param targetCa who signs the certificate of the web target
/// @param webPort of the web target
/// @param dnsPort of the DNS target
record Suggestions(HostPort ingress, HostPort egress, Path targetCa, int webPort, int dnsPort) {
    List<String> commands() {
        var relay = ingress.port() == Ports.DOCUMENTED.ingress() ? "" : " --relay " + ingress;
        var nested = egress.port() == Ports.DOCUMENTED.egress() ? "" : "=" + egress;
        var page = " --cacert '" + targetCa + "' https://localhost:" + webPort + "/";
        return List.of(
                "./relay get" + relay + page,
                "./relay get" + relay + " --nested" + nested + page,
                "./relay udp"
                        + relay
                        + " localhost:"
                        + dnsPort
                        + " --dns "
                        + DnsZone.GREETING
                        + " --type TXT",
                "./relay token" + relay,
                "./relay proxy" + relay);
    }
}
