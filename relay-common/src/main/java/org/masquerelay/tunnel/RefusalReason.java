package org.masquerelay.tunnel;

import static org.masquerelay.tunnel.FailureSide.CLIENT;
import static org.masquerelay.tunnel.FailureSide.SELF;
import static org.masquerelay.tunnel.FailureSide.TARGET;
import static org.masquerelay.tunnel.FailureSide.UPSTREAM;

import java.util.Map;

/// Every reason to refuse a tunnel, with the status and the Proxy-Status error type (RFC 9209,
/// section 2.3) that say it.
///
/// This is the one table of both apps.
public enum RefusalReason {
    BAD_REQUEST(400, "http_request_error", CLIENT),
    UNAUTHENTICATED(401, "http_request_error", CLIENT),
    PROXY_UNAUTHENTICATED(407, "http_request_error", CLIENT),
    CREDENTIALS_REFUSED(403, "http_request_denied", CLIENT),
    FORBIDDEN(403, "http_request_denied", CLIENT),
    NOT_FOUND(404, "http_request_error", CLIENT),
    METHOD_NOT_ALLOWED(405, "http_request_error", CLIENT),
    REQUEST_TIMEOUT(408, "http_request_error", CLIENT),
    URI_TOO_LONG(414, "http_request_error", CLIENT),
    MISDIRECTED(421, "http_request_error", CLIENT),
    QUOTA_EXCEEDED(429, "http_request_error", CLIENT),
    HEADER_TOO_LARGE(431, "http_request_error", CLIENT),
    NOT_IMPLEMENTED(501, "http_request_error", CLIENT),

    DESTINATION_PROHIBITED(403, "destination_ip_prohibited", CLIENT),
    /// With the status that RFC 9209, section 2.3.5 recommends.
    DESTINATION_PROHIBITED_STRICT(502, "destination_ip_prohibited", CLIENT),
    DNS_ERROR(502, "dns_error", TARGET),
    DNS_TIMEOUT(504, "dns_timeout", TARGET),
    CONNECTION_REFUSED(502, "connection_refused", TARGET),
    CONNECTION_TIMEOUT(504, "connection_timeout", TARGET),
    CONNECTION_TERMINATED(502, "connection_terminated", TARGET),
    DESTINATION_UNROUTABLE(502, "destination_ip_unroutable", TARGET),

    /// The next relay cannot be reached: 502 also when it is silence that says so.
    UPSTREAM_UNREACHABLE(502, "connection_refused", UPSTREAM),
    UPSTREAM_TIMEOUT(502, "connection_timeout", UPSTREAM),
    UPSTREAM_TERMINATED(502, "connection_terminated", UPSTREAM),
    UPSTREAM_TLS(502, "tls_protocol_error", UPSTREAM),
    UPSTREAM_PROTOCOL(502, "http_protocol_error", UPSTREAM),
    /// The request has been here before (RFC 9209, section 2.3.33).
    LOOP(508, "proxy_loop_detected", SELF),
    UPSTREAM_FULL(503, "connection_limit_reached", UPSTREAM),
    /// None of several next hops can be used at the moment (RFC 9209, section 2.3.3).
    UPSTREAM_UNAVAILABLE(503, "destination_unavailable", UPSTREAM),

    TOO_MANY_TUNNELS(503, "connection_limit_reached", SELF),
    DRAINING(503, "proxy_internal_error", SELF),
    OVERLOADED(503, "proxy_internal_error", SELF),
    INTERNAL(500, "proxy_internal_error", SELF);

    private final int status;
    private final String proxyStatusError;
    private final FailureSide side;

    RefusalReason(int status, String proxyStatusError, FailureSide side) {
        this.status = status;
        this.proxyStatusError = proxyStatusError;
        this.side = side;
    }

    public int status() {
        return status;
    }

    /// The registered error type of RFC 9209.
    public String proxyStatusError() {
        return proxyStatusError;
    }

    public FailureSide side() {
        return side;
    }

    /// The value of the `reason` tag of `masque.tunnels.rejected`.
    public String tag() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /// A refusal for this reason; `details` is sent to the client, so it names no address and no
    /// secret.
    public Refusal.Own because(String details) {
        return new Refusal.Own(this, details, HeaderFields.NONE, Map.of());
    }
}
