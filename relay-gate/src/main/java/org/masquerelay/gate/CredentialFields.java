package org.masquerelay.gate;

import java.util.List;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/// The fields that carry credentials (RFC 9110, sections 11.6.2 and 11.7.2).
///
/// Templated requests use Authorization. Clients that know CONNECT only as a proxy's method send
/// Proxy-Authorization, so both are read wherever either is.
public final class CredentialFields {
    private static final List<String> NAMES =
            List.of(HttpHeaders.AUTHORIZATION, HttpHeaders.PROXY_AUTHORIZATION);

    private CredentialFields() {}

    static boolean areIn(ServerWebExchange exchange) {
        var headers = exchange.getRequest().getHeaders();
        return NAMES.stream().anyMatch(headers::containsHeader);
    }

    /// The values of both fields, Authorization first.
    public static Stream<String> values(ServerWebExchange exchange) {
        var headers = exchange.getRequest().getHeaders();
        return NAMES.stream().flatMap(name -> headers.getOrEmpty(name).stream());
    }

    /// What follows the name of the authentication scheme in the values that have it, without white
    /// space around it. Names are compared without regard to case.
    public static Stream<String> values(ServerWebExchange exchange, String scheme) {
        return values(exchange)
                .filter(value -> names(value, scheme))
                .map(value -> value.substring(scheme.length()).strip());
    }

    private static boolean names(String value, String scheme) {
        return value.regionMatches(true, 0, scheme, 0, scheme.length())
                && (value.length() == scheme.length() || value.charAt(scheme.length()) == ' ');
    }
}
