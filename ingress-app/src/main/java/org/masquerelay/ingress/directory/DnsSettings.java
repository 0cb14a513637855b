package org.masquerelay.ingress.directory;

import java.time.Duration;
import java.util.List;
import org.masquerelay.dns.DnsQueries;
import org.masquerelay.wire.HostPort;

/// How names become a fleet.
///
/// @param origins the egresses' origins, each with the name that is asked for
/// @param records which records say where egresses are
/// @param queries whom to ask
/// @param minTtl names are not asked for again earlier, whatever the answer says, and again after
///   so long when there was no answer
/// @param maxTtl names are asked for again after so long at most
public record DnsSettings(
        List<HostPort> origins,
        Records records,
        DnsQueries.Settings queries,
        Duration minTtl,
        Duration maxTtl) {
    /// Which records say where egresses are.
    public sealed interface Records {
        /// A and AAAA: each address of the host of an origin, at its port.
        record Addresses() implements Records {}

        /// SRV (RFC 2782): each address of each target, at its port.
        ///
        /// @param service the labels before the host, such as `_masque._udp`
        record Services(String service) implements Records {}
    }

    public DnsSettings {
        origins = List.copyOf(origins);
    }

    /// How long an answer is taken for.
    Duration life(long ttlSeconds) {
        var said = Duration.ofSeconds(ttlSeconds);
        var enough = said.compareTo(minTtl) < 0 ? minTtl : said;
        return enough.compareTo(maxTtl) > 0 ? maxTtl : enough;
    }
}
