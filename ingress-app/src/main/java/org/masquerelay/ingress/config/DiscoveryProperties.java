package org.masquerelay.ingress.config;

import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMin;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.boot.config.DnsServers;
import org.masquerelay.dns.DnsQueries;
import org.masquerelay.ingress.directory.DnsEgresses;
import org.masquerelay.ingress.directory.DnsSettings;
import org.masquerelay.ingress.directory.Egress;
import org.masquerelay.ingress.directory.EgressDirectory;
import org.masquerelay.wire.HostPort;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How the origins of egresses become a fleet.
///
/// @param records what the DNS is asked for
/// @param service the labels before a host that an SRV record is asked for with
/// @param servers IP addresses of the DNS servers to ask; none takes those of the system
/// @param timeout until a question is given up
/// @param queryTimeout until a server that is silent is passed over for the next, or asked again
/// @param minTtl a name is not asked for again earlier, and again after so long without an answer
/// @param maxTtl a name is asked for again after so long at most
public record DiscoveryProperties(
        @DefaultValue("none") Records records,
        @DefaultValue("_masque._udp") @Pattern(regexp = "_[a-z0-9-]{1,62}\\._(udp|tcp)")
                String service,
        @DefaultValue List<String> servers,
        @DefaultValue("5s") @DurationMin(millis = 1) Duration timeout,
        @DefaultValue("2s") @DurationMin(millis = 1) Duration queryTimeout,
        @DefaultValue("5s") @DurationMin(millis = 100) Duration minTtl,
        @DefaultValue("5m") @DurationMin(millis = 100) Duration maxTtl) {
    private static final int MAX_RECORDS = 64;

    /// What the DNS is asked for.
    public enum Records {
        /// Nothing: each origin is one egress, whatever addresses its name has.
        NONE,
        /// A and AAAA: each address of an origin's host is an egress.
        ADDRESSES,
        /// SRV, and the addresses of its targets.
        SRV
    }

    EgressDirectory toDirectory(List<HostPort> origins) {
        if (minTtl.compareTo(maxTtl) > 0) {
            throw new BadSettingException(
                    "relay.upstream.discovery.min-ttl",
                    "is longer than relay.upstream.discovery.max-ttl",
                    "Set it to max-ttl or less");
        }
        return switch (records) {
            case NONE -> EgressDirectory.of(origins.stream().map(Egress::at).toList());
            case ADDRESSES -> inDns(origins, new DnsSettings.Records.Addresses());
            case SRV -> inDns(origins, new DnsSettings.Records.Services(service));
        };
    }

    private EgressDirectory inDns(List<HostPort> origins, DnsSettings.Records wanted) {
        var asked =
                new DnsQueries.Settings(
                        DnsServers.parse("relay.upstream.discovery.servers", servers),
                        timeout,
                        queryTimeout,
                        false,
                        MAX_RECORDS);
        return new DnsEgresses(new DnsSettings(origins, wanted, asked, minTtl, maxTtl));
    }
}
