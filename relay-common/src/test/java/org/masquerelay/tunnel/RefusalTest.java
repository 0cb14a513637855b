package org.masquerelay.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.masquerelay.wire.BareItem;
import org.masquerelay.wire.ProxyStatus;
import org.masquerelay.wire.ProxyStatusMember;

@Timeout(30)
final class RefusalTest {
    /// The statuses that RFC 9209, section 2.3 recommends for the error types in use; an empty
    /// value stands for the status of the request error itself.
    private static final Map<String, String> RECOMMENDED =
            Map.ofEntries(
                    Map.entry("dns_timeout", "504"),
                    Map.entry("dns_error", "502"),
                    Map.entry("destination_ip_prohibited", "502|403"),
                    Map.entry("destination_ip_unroutable", "502"),
                    Map.entry("connection_refused", "502"),
                    Map.entry("connection_terminated", "502"),
                    Map.entry("connection_timeout", "504|502"),
                    Map.entry("connection_limit_reached", "503"),
                    Map.entry("destination_unavailable", "503"),
                    Map.entry("tls_protocol_error", "502"),
                    Map.entry("http_protocol_error", "502"),
                    Map.entry("http_request_error", "4..|501"),
                    Map.entry("http_request_denied", "403"),
                    Map.entry("proxy_internal_error", "500|503"),
                    // 502 is recommended; RFC 5842, section 7.2, has a status for just this.
                    Map.entry("proxy_loop_detected", "508"));

    @ParameterizedTest
    @CsvSource({
        "BAD_REQUEST, 400, http_request_error, CLIENT",
        "UNAUTHENTICATED, 401, http_request_error, CLIENT",
        "PROXY_UNAUTHENTICATED, 407, http_request_error, CLIENT",
        "CREDENTIALS_REFUSED, 403, http_request_denied, CLIENT",
        "FORBIDDEN, 403, http_request_denied, CLIENT",
        "NOT_FOUND, 404, http_request_error, CLIENT",
        "METHOD_NOT_ALLOWED, 405, http_request_error, CLIENT",
        "MISDIRECTED, 421, http_request_error, CLIENT",
        "QUOTA_EXCEEDED, 429, http_request_error, CLIENT",
        "HEADER_TOO_LARGE, 431, http_request_error, CLIENT",
        "NOT_IMPLEMENTED, 501, http_request_error, CLIENT",
        "DESTINATION_PROHIBITED, 403, destination_ip_prohibited, CLIENT",
        "DESTINATION_PROHIBITED_STRICT, 502, destination_ip_prohibited, CLIENT",
        "DNS_ERROR, 502, dns_error, TARGET",
        "DNS_TIMEOUT, 504, dns_timeout, TARGET",
        "CONNECTION_REFUSED, 502, connection_refused, TARGET",
        "CONNECTION_TIMEOUT, 504, connection_timeout, TARGET",
        "CONNECTION_TERMINATED, 502, connection_terminated, TARGET",
        "DESTINATION_UNROUTABLE, 502, destination_ip_unroutable, TARGET",
        "UPSTREAM_UNREACHABLE, 502, connection_refused, UPSTREAM",
        "UPSTREAM_TIMEOUT, 502, connection_timeout, UPSTREAM",
        "UPSTREAM_TERMINATED, 502, connection_terminated, UPSTREAM",
        "UPSTREAM_TLS, 502, tls_protocol_error, UPSTREAM",
        "UPSTREAM_PROTOCOL, 502, http_protocol_error, UPSTREAM",
        "REQUEST_TIMEOUT, 408, http_request_error, CLIENT",
        "URI_TOO_LONG, 414, http_request_error, CLIENT",
        "LOOP, 508, proxy_loop_detected, SELF",
        "UPSTREAM_FULL, 503, connection_limit_reached, UPSTREAM",
        "UPSTREAM_UNAVAILABLE, 503, destination_unavailable, UPSTREAM",
        "TOO_MANY_TUNNELS, 503, connection_limit_reached, SELF",
        "DRAINING, 503, proxy_internal_error, SELF",
        "OVERLOADED, 503, proxy_internal_error, SELF",
        "INTERNAL, 500, proxy_internal_error, SELF"
    })
    void saysTheReasonInStatusAndProxyStatus(
            RefusalReason reason, int status, String error, FailureSide side) {
        var refusal = reason.because("");
        assertThat(refusal.status()).isEqualTo(status);
        assertThat(refusal.side()).isEqualTo(side);
        assertThat(refusal.proxyStatus("relay")).isEqualTo("\"relay\";error=" + error);
    }

    @DisplayName("R5 9209 2.3: registered types with their recommended statuses")
    @ParameterizedTest
    @EnumSource
    void usesRegisteredErrorTypesWithFittingStatuses(RefusalReason reason) {
        assertThat(RECOMMENDED).containsKey(reason.proxyStatusError());
        assertThat(Integer.toString(reason.status()))
                .matches(RECOMMENDED.get(reason.proxyStatusError()));
        assertThat(reason.tag()).matches("[a-z_]+");
    }

    @Test
    void tellsAllReasonsApartInTheMeters() {
        var tags = Arrays.stream(RefusalReason.values()).map(RefusalReason::tag);
        assertThat(tags.collect(Collectors.toSet())).hasSize(RefusalReason.values().length);
    }

    @Test
    void writesDetailsAndRcode() {
        assertThat(RefusalReason.BAD_REQUEST.because("no \"port\"").proxyStatus("relay"))
                .isEqualTo("\"relay\";error=http_request_error;details=\"no \\\"port\\\"\"");
        assertThat(
                        RefusalReason.DNS_ERROR
                                .because("")
                                .saying("rcode", "NXDOMAIN")
                                .proxyStatus("relay"))
                .isEqualTo("\"relay\";error=dns_error;rcode=\"NXDOMAIN\"");
    }

    @Test
    void addsFieldsAndKeepsTheRest() {
        var refusal =
                RefusalReason.UNAUTHENTICATED
                        .because("why")
                        .with("www-authenticate", "one")
                        .with("www-authenticate", "two");
        assertThat(refusal.fields().all("www-authenticate")).containsExactly("one", "two");
        assertThat(refusal.status()).isEqualTo(401);
        assertThat(refusal.proxyStatus("relay")).contains("details=\"why\"");
    }

    @Test
    void putsItsOwnMemberBehindThoseOfTheNextHop() throws Exception {
        var prior =
                List.of(
                        new ProxyStatusMember(
                                "egress",
                                Optional.of("dns_error"),
                                Map.of("rcode", new BareItem.Text("NXDOMAIN"))));
        var refusal = new Refusal.Relayed(502, prior, HeaderFields.NONE).with("x", "y");
        assertThat(refusal.status()).isEqualTo(502);
        assertThat(refusal.tag()).isEqualTo("upstream_502");
        assertThat(refusal.fields().first("x")).contains("y");
        assertThat(refusal.proxyStatus("ingress"))
                .isEqualTo("\"egress\";error=dns_error;rcode=\"NXDOMAIN\", \"ingress\"");
        assertThat(ProxyStatus.parse(refusal.proxyStatus("ingress"))).hasSize(2);
    }
}
