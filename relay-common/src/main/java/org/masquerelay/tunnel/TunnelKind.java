package org.masquerelay.tunnel;

/// What a tunnel carries.
public enum TunnelKind {
    /// A byte stream (RFC 9110, section 9.3.6).
    TCP("tcp"),
    /// UDP payloads (RFC 9298).
    UDP("udp");

    private final String tag;

    TunnelKind(String tag) {
        this.tag = tag;
    }

    /// The value of the `protocol` tag of meters and logs.
    public String tag() {
        return tag;
    }
}
