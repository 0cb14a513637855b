package org.masquerelay.tunnel;

import org.jspecify.annotations.Nullable;

/// The head of a request as one of the HTTP versions delivered it: pseudo-header fields and field
/// lines.
///
/// `null` stands for a pseudo-header field that did not come.
public record RequestHead(
        String method,
        @Nullable String scheme,
        @Nullable String authority,
        @Nullable String path,
        @Nullable String protocol,
        HeaderFields fields) {
    /// The same with other field lines.
    public RequestHead with(HeaderFields other) {
        return new RequestHead(method, scheme, authority, path, protocol, other);
    }
}
