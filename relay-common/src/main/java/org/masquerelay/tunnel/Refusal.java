package org.masquerelay.tunnel;

import org.masquerelay.wire.ProxyStatus;

/// The answer to a tunnel request that does not become a tunnel.
public sealed interface Refusal {
    int status();

    /// The value of the `reason` tag of `masque.tunnels.rejected`.
    String tag();

    FailureSide side();

    /// Field lines beside Proxy-Status, such as a challenge.
    HeaderFields fields();

    /// The Proxy-Status value (RFC 9209, section 2) with the member of the hop called `identifier`
    /// last.
    String proxyStatus(String identifier);

    /// This refusal with one more field line.
    Refusal with(String name, String value);

    /// What this hop decided itself.
    ///
    /// @param rcode the DNS response code behind a `dns_error`, or empty
    record Own(RefusalReason reason, String details, HeaderFields fields, String rcode)
            implements Refusal {
        @Override
        public int status() {
            return reason.status();
        }

        @Override
        public String tag() {
            return reason.tag();
        }

        @Override
        public FailureSide side() {
            return reason.side();
        }

        @Override
        public String proxyStatus(String identifier) {
            return ProxyStatus.error(identifier, reason.proxyStatusError(), details, rcode);
        }

        @Override
        public Refusal with(String name, String value) {
            return new Own(reason, details, fields.with(name, value), rcode);
        }
    }

    /// What the next hop answered, passed on.
    ///
    /// @param error the Proxy-Status error of the hop that refused, or empty
    /// @param priorProxyStatus the Proxy-Status value received, or empty
    record Relayed(int status, String error, String priorProxyStatus, HeaderFields fields)
            implements Refusal {
        @Override
        public String tag() {
            return "upstream_" + status;
        }

        @Override
        public FailureSide side() {
            return FailureSide.TARGET;
        }

        @Override
        public String proxyStatus(String identifier) {
            return ProxyStatus.append(priorProxyStatus, identifier);
        }

        @Override
        public Refusal with(String name, String value) {
            return new Relayed(status, error, priorProxyStatus, fields.with(name, value));
        }
    }
}
