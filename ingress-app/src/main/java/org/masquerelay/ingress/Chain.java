package org.masquerelay.ingress;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.ProxyStatus;
import org.masquerelay.wire.ProxyStatusMember;

/// This relay as one of a chain: what it tells the hops on either side about the others.
final class Chain {
    private static final String VIA = "via";
    private static final String PROXY_STATUS = "proxy-status";
    private static final String RETRY_AFTER = "retry-after";
    private static final int MAX_DELAY_DIGITS = 5;

    /// Fields of the egress's 2xx that are for the client of a bind tunnel
    /// (draft-ietf-masque-connect-udp-listen, section 7).
    private static final Set<String> BIND_FIELDS =
            Set.of("connect-udp-bind", "proxy-public-address");

    private static final int PSEUDONYM_BYTES = 6;

    /// Relays that a request may have been through.
    private static final int MAX_HOPS = 16;

    /// Characters of the Via of a request. A next hop ends a whole connection, with the tunnels of
    /// others on it, over a field section that is too large.
    private static final int MAX_VIA = 1024;

    private final String identifier;
    private final String pseudonym;
    private final boolean exposeNextHop;

    /// @param identifier how this relay calls itself in Proxy-Status
    /// @param exposeNextHop whether the client hears which address the egress has dialled
    Chain(String identifier, boolean exposeNextHop) {
        this.identifier = identifier;
        this.exposeNextHop = exposeNextHop;
        var random = new byte[PSEUDONYM_BYTES];
        new SecureRandom().nextBytes(random);
        // Relays of one name are still different hops.
        this.pseudonym = "relay-" + HexFormat.of().formatHex(random);
    }

    /// Whether the request says more of the way it came than is passed on.
    boolean isTooLong(TunnelRequest request) {
        return request.head().fields().all(VIA).stream().mapToInt(String::length).sum() > MAX_VIA;
    }

    /// Whether the request has been here before, or through too many relays (RFC 9110, section
    /// 7.6.3).
    boolean isLoop(TunnelRequest request) {
        var hops = String.join(",", request.head().fields().all(VIA)).split(",", -1);
        if (hops.length > MAX_HOPS) {
            return true;
        }
        for (var hop : hops) {
            var parts = hop.strip().split("\\s+", 3);
            if (parts.length > 1 && parts[1].equals(pseudonym)) {
                return true;
            }
        }
        return false;
    }

    /// The fields of the request to the egress: which relays it has been through.
    HeaderFields toEgress(TunnelRequest request) {
        var hops = new ArrayList<>(request.head().fields().all(VIA));
        hops.add(protocol(request.peer().version()) + " " + pseudonym);
        return HeaderFields.of(VIA, String.join(", ", hops));
    }

    private static String protocol(HttpVersion version) {
        return switch (version) {
            case H1 -> "1.1";
            case H2 -> "2";
            case H3 -> "3";
        };
    }

    /// The fields of our 2xx: the Proxy-Status members of the hops behind us and ours, and what the
    /// client of a bind tunnel needs to know of the egress's answer.
    HeaderFields toClient(TunnelKind kind, HeaderFields fields) {
        var members = new ArrayList<>(prior(fields));
        members.add(new ProxyStatusMember(identifier, Optional.empty(), Map.of()));
        var own = HeaderFields.of(PROXY_STATUS, ProxyStatus.format(members));
        if (kind == TunnelKind.BIND) {
            for (var line : fields) {
                if (BIND_FIELDS.contains(line.name()) && isPrintable(line.value())) {
                    own = own.with(line.name(), line.value());
                }
            }
        }
        return own;
    }

    private static boolean isPrintable(String value) {
        return value.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    }

    /// The egress's refusal as ours, with when to come back.
    Refusal.Relayed relayed(int status, HeaderFields fields) {
        var kept =
                fields.first(RETRY_AFTER)
                        .filter(Chain::isDelay)
                        .map(seconds -> HeaderFields.of(RETRY_AFTER, seconds))
                        .orElse(HeaderFields.NONE);
        return new Refusal.Relayed(status, prior(fields), kept);
    }

    /// RFC 9110, section 10.2.3: a number of seconds, which says nothing else.
    private static boolean isDelay(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_DELAY_DIGITS
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /// Without the address of the egress's next hop, unless it may be seen: where a tunnel goes is
    /// not for this side.
    private List<ProxyStatusMember> prior(HeaderFields fields) {
        var prior = new ArrayList<ProxyStatusMember>();
        for (var member : ProxyStatus.parse(String.join(", ", fields.all(PROXY_STATUS)))) {
            var parameters = new LinkedHashMap<>(member.parameters());
            if (!exposeNextHop) {
                parameters.remove("next-hop");
            }
            prior.add(new ProxyStatusMember(member.identifier(), member.error(), parameters));
        }
        return prior;
    }
}
