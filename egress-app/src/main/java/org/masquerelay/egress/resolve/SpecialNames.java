package org.masquerelay.egress.resolve;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.masquerelay.dns.DnsAnswer;

/// Names that are never asked of the DNS (RFC 6761, section 6, and RFC 7686, section 2).
final class SpecialNames {
    private static final DnsAnswer LOOPBACK =
            new DnsAnswer.Addresses(
                    List.of(InetAddress.ofLiteral("::1"), InetAddress.ofLiteral("127.0.0.1")), 0);

    private static final DnsAnswer NO_NAME = new DnsAnswer.NoName(0);

    private SpecialNames() {}

    /// @param name in lower case, with a dot at its end
    static Optional<DnsAnswer> answer(String name) {
        // Loopback, whatever a server would say: the policy decides about that.
        if (isBelow(name, "localhost.")) {
            return Optional.of(LOOPBACK);
        }
        return isBelow(name, "invalid.") || isBelow(name, "onion.")
                ? Optional.of(NO_NAME)
                : Optional.empty();
    }

    private static boolean isBelow(String name, String domain) {
        return name.equals(domain) || name.endsWith("." + domain);
    }
}
