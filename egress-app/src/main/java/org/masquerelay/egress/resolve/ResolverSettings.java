package org.masquerelay.egress.resolve;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.masquerelay.dns.DnsQueries;

/// How names become addresses.
///
/// @param servers the DNS servers to ask; empty for those of the system
/// @param times how long to wait
/// @param families which addresses are used
/// @param trust what an answer has to say of itself
/// @param cache what is remembered
public record ResolverSettings(
        List<InetSocketAddress> servers,
        Times times,
        AddressFamilies families,
        Trust trust,
        Cache cache) {

    /// What of these counts for the questions themselves.
    DnsQueries.Settings queries(int maxRecords) {
        return new DnsQueries.Settings(
                servers,
                times.total(),
                times.query(),
                trust == Trust.AUTHENTICATED_DATA,
                maxRecords);
    }

    /// Whether answers have to be authenticated by DNSSEC.
    public enum Trust {
        /// Every answer is taken.
        ANY_ANSWER,
        /// Only answers with the AD bit (RFC 4035, section 3.2.3) are. The servers and the way to
        /// them are trusted.
        AUTHENTICATED_DATA
    }

    /// How long to wait.
    ///
    /// @param total until a name is given up
    /// @param query until a server that is silent is passed over for the next, or asked again
    /// @param otherFamily for the addresses of one family once those of the other are known (RFC
    ///   8305, section 3)
    public record Times(Duration total, Duration query, Duration otherFamily) {}

    /// What is remembered of answers.
    ///
    /// @param entries answers in all, over all event loops; 0 remembers nothing
    /// @param minTtl addresses are remembered at least for so long, whatever the answer says
    /// @param maxTtl addresses are remembered at most for so long
    /// @param negativeTtl that there is no such name or address is remembered at most for so long
    public record Cache(int entries, Duration minTtl, Duration maxTtl, Duration negativeTtl) {
        public static final Cache NONE = new Cache(0, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    }
}
