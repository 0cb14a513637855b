package org.masquerelay.concealed;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.RequestHead;

/// Scheme, host and port that a proof is bound to ([RFC 9729, section
/// 3.1](https://datatracker.ietf.org/doc/html/rfc9729#section-3.1)).
///
/// The host is as the request has it, with the brackets of an IPv6 address. A classic CONNECT has
/// no scheme, and its authority is its target: the proof is for `https` and that.
public record RequestOrigin(String scheme, String host, int port) {
    /// A DNS name has at most 253 characters (RFC 1035, section 3.1), an address fewer.
    private static final int MAX_HOST_CHARS = 255;

    private static final int MAX_PORT = 65535;

    /// Nothing if the request has no authority that is one.
    public static Optional<RequestOrigin> of(RequestHead head) {
        return of(head.scheme() == null ? "https" : head.scheme(), head.authority());
    }

    static Optional<RequestOrigin> of(String scheme, @Nullable String authority) {
        if (authority == null || authority.isEmpty() || authority.indexOf('@') >= 0) {
            return Optional.empty();
        }
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > authority.lastIndexOf(']');
        var host = hasPort ? authority.substring(0, colon) : authority;
        int port = hasPort ? port(authority.substring(colon + 1)) : defaultPort(scheme);
        return port < 0 || host.isEmpty() || host.length() > MAX_HOST_CHARS
                ? Optional.empty()
                : Optional.of(new RequestOrigin(scheme, host, port));
    }

    private static int defaultPort(String scheme) {
        return scheme.equals("http") ? 80 : 443;
    }

    private static int port(String digits) {
        boolean isNumber =
                !digits.isEmpty()
                        && digits.length() <= 5
                        && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        int port = isNumber ? Integer.parseInt(digits) : -1;
        return port <= MAX_PORT ? port : -1;
    }
}
