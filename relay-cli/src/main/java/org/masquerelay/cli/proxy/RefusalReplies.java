package org.masquerelay.cli.proxy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.masquerelay.cli.socks.SocksReply;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.wire.ProxyStatus;
import org.masquerelay.wire.ProxyStatusMember;

/// How a failure to open a tunnel is said to clients.
final class RefusalReplies {
    /// This proxy's own name in Proxy-Status.
    private static final String IDENTIFIER = "relay-proxy";

    private static final int FORBIDDEN = 403;
    private static final int BAD_GATEWAY = 502;
    private static final int UNAVAILABLE = 503;
    private static final int GATEWAY_TIMEOUT = 504;

    private RefusalReplies() {}

    /// The reply of SOCKS 5.
    static SocksReply socks(IOException failure) {
        return switch (failure) {
            case TunnelRefusedException refusal ->
                    error(refusal)
                            .flatMap(RefusalReplies::socks)
                            .orElseGet(() -> socks(refusal.status()));
            case SocketTimeoutException _ -> SocksReply.TTL_EXPIRED;
            default -> SocksReply.GENERAL_FAILURE;
        };
    }

    /// For the error types of RFC 9209, section 2.3, that SOCKS has a code for.
    private static Optional<SocksReply> socks(String error) {
        return Optional.ofNullable(
                switch (error) {
                    case "destination_ip_prohibited", "http_request_denied" ->
                            SocksReply.NOT_ALLOWED;
                    case "dns_error", "dns_timeout", "destination_not_found" ->
                            SocksReply.HOST_UNREACHABLE;
                    case "destination_ip_unroutable" -> SocksReply.NETWORK_UNREACHABLE;
                    case "connection_refused" -> SocksReply.CONNECTION_REFUSED;
                    case "connection_timeout" -> SocksReply.TTL_EXPIRED;
                    default -> null;
                });
    }

    private static SocksReply socks(int status) {
        return switch (status) {
            case FORBIDDEN -> SocksReply.NOT_ALLOWED;
            case GATEWAY_TIMEOUT -> SocksReply.TTL_EXPIRED;
            default -> SocksReply.GENERAL_FAILURE;
        };
    }

    /// The status of HTTP. What is wrong between this proxy and the relay is no fault of the
    /// client's, so that it is a 502 whatever the relay calls it.
    static int status(IOException failure) {
        return switch (failure) {
            case TunnelRefusedException refusal ->
                    switch (refusal.status()) {
                        case FORBIDDEN, UNAVAILABLE, GATEWAY_TIMEOUT -> refusal.status();
                        default -> BAD_GATEWAY;
                    };
            case SocketTimeoutException _ -> GATEWAY_TIMEOUT;
            default -> BAD_GATEWAY;
        };
    }

    /// The members of the relays, and this proxy's own after them (RFC 9209, section 2).
    static String proxyStatus(IOException failure) {
        var members = new ArrayList<ProxyStatusMember>();
        Optional<String> own =
                switch (failure) {
                    case TunnelRefusedException refusal -> {
                        members.addAll(members(refusal));
                        yield Optional.empty();
                    }
                    case SocketTimeoutException _ -> Optional.of("http_response_timeout");
                    default -> Optional.of("destination_unavailable");
                };
        members.add(new ProxyStatusMember(IDENTIFIER, own, Map.of()));
        return ProxyStatus.format(members);
    }

    /// The one that is nearest to the target knows best.
    private static Optional<String> error(TunnelRefusedException refusal) {
        return members(refusal).stream()
                .map(ProxyStatusMember::error)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static List<ProxyStatusMember> members(TunnelRefusedException refusal) {
        return ProxyStatus.parse(String.join(", ", refusal.fields().all("proxy-status")));
    }
}
