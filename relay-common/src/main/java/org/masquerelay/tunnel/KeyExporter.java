package org.masquerelay.tunnel;

import java.util.Optional;

/// Derives secrets that both ends of one TLS connection know, and nobody else ([RFC 8446, section
/// 7.5](https://datatracker.ietf.org/doc/html/rfc8446#section-7.5)).
public interface KeyExporter {
    /// So many bytes for `label` and `context`. Nothing where this connection cannot give them: it
    /// is not of TLS 1.3, nor of 1.2 with an extended master secret (RFC 7627), or its TLS provider
    /// takes no context of this length.
    Optional<byte[]> export(String label, byte[] context, int length);
}
