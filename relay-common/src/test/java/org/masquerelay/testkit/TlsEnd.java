package org.masquerelay.testkit;

/// How a TLS connection came to its end, as a client sees it.
public sealed interface TlsEnd {
    /// close_notify (RFC 8446, section 6.1): nothing is missing.
    record CloseNotify() implements TlsEnd {}

    /// FIN without close_notify: anybody on the way may have cut the rest off.
    record Truncated() implements TlsEnd {}

    /// RST.
    record Reset() implements TlsEnd {}

    /// A fatal alert of the peer, by its name in RFC 8446, section 6.
    record Alert(String name) implements TlsEnd {}

    /// Anything else, such as a close of our own or bytes that cannot be read.
    record Broken(String reason) implements TlsEnd {}
}
