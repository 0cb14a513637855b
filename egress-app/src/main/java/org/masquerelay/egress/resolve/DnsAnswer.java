package org.masquerelay.egress.resolve;

import java.net.InetAddress;
import java.util.List;
import org.masquerelay.tunnel.Refusal;

/// What the DNS says to a [Question].
sealed interface DnsAnswer {
    /// At least one address, in the order of the server.
    record Addresses(List<InetAddress> addresses, long ttlSeconds) implements DnsAnswer {}

    /// The name exists, and has no address of this family (RFC 2308, section 2.2).
    record NoData(long ttlSeconds) implements DnsAnswer {}

    /// There is no such name (RFC 2308, section 2.1).
    record NoName(long ttlSeconds) implements DnsAnswer {}

    /// There is no answer that can be used.
    record Failed(Refusal.Own refusal) implements DnsAnswer {}
}
