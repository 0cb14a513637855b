package org.masquerelay.signature;

import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.RequestHead;

/// The message whose parts a signature covers. Trailers are no part of it.
public sealed interface SignedMessage {

    HeaderFields fields();

    /// A request; what did not come is `null`.
    ///
    /// @param path with the query
    record Request(
            String method,
            @Nullable String scheme,
            @Nullable String authority,
            @Nullable String path,
            HeaderFields fields)
            implements SignedMessage {

        /// CONNECT of a host and a port (RFC 9110, section 9.3.6), which has neither scheme nor
        /// path.
        boolean isClassicConnect() {
            return path == null;
        }

        boolean hasQuery() {
            return path != null && path.indexOf('?') >= 0;
        }
    }

    record Response(int status, HeaderFields fields) implements SignedMessage {}

    /// The request as it was on the wire of `version`. Over HTTP/1.1 an upgrade is a GET, although
    /// its head says CONNECT here (RFC 9298, section 3.2).
    static Request of(RequestHead head, HttpVersion version) {
        boolean upgrade = version == HttpVersion.H1 && head.protocol() != null;
        return new Request(
                upgrade ? "GET" : head.method(),
                head.scheme(),
                head.authority(),
                head.path(),
                head.fields());
    }
}
