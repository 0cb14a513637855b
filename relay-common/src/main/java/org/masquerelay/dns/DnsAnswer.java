package org.masquerelay.dns;

import java.net.InetAddress;
import java.util.List;
import org.masquerelay.tunnel.Refusal;

/// What the DNS says to a [Question].
public sealed interface DnsAnswer {
    /// At least one address, in the order of the server.
    record Addresses(List<InetAddress> addresses, long ttlSeconds) implements DnsAnswer {}

    /// At least one server of a service, in the order of the server.
    record Services(List<Service> services, long ttlSeconds) implements DnsAnswer {}

    /// The name exists, and has no record of this type (RFC 2308, section 2.2).
    record NoData(long ttlSeconds) implements DnsAnswer {}

    /// There is no such name (RFC 2308, section 2.1).
    record NoName(long ttlSeconds) implements DnsAnswer {}

    /// There is no answer that can be used.
    record Failed(Refusal.Own refusal) implements DnsAnswer {}

    /// Where a service is served (RFC 2782).
    ///
    /// @param priority those of the lowest are used, others only while none of these can be
    /// @param weight its share among those of one priority; 0 hardly any
    /// @param port never 0
    /// @param target in lower case, with a dot at its end
    record Service(int priority, int weight, int port, String target) {}
}
