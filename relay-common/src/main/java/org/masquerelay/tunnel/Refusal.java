package org.masquerelay.tunnel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.masquerelay.wire.BareItem;
import org.masquerelay.wire.ProxyStatus;
import org.masquerelay.wire.ProxyStatusMember;

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
    /// @param parameters what else our Proxy-Status member says, such as the `rcode` of a
    ///   `dns_error`
    record Own(
            RefusalReason reason,
            String details,
            HeaderFields fields,
            Map<String, String> parameters)
            implements Refusal {
        public Own {
            parameters = Map.copyOf(parameters);
        }

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
            var items = new LinkedHashMap<String, BareItem>();
            parameters.forEach((name, value) -> items.put(name, new BareItem.Text(value)));
            if (!details.isEmpty()) {
                items.put("details", new BareItem.Text(details));
            }
            var error = Optional.of(reason.proxyStatusError());
            return ProxyStatus.format(List.of(new ProxyStatusMember(identifier, error, items)));
        }

        @Override
        public Own with(String name, String value) {
            return new Own(reason, details, fields.with(name, value), parameters);
        }

        /// With what our Proxy-Status member says beside the reason; replaces what it said so far.
        public Own saying(String name, String value) {
            return new Own(reason, details, fields, Map.of(name, value));
        }
    }

    /// What the next hop answered, passed on.
    ///
    /// @param prior the Proxy-Status members received, nearest to the target first
    record Relayed(int status, List<ProxyStatusMember> prior, HeaderFields fields)
            implements Refusal {
        public Relayed {
            prior = List.copyOf(prior);
        }

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
            var members = new ArrayList<>(prior);
            members.add(new ProxyStatusMember(identifier, Optional.empty(), Map.of()));
            return ProxyStatus.format(members);
        }

        @Override
        public Refusal with(String name, String value) {
            return new Relayed(status, prior, fields.with(name, value));
        }
    }
}
