package org.masquerelay.tunnel;

/// What a tunnel carries.
public enum TunnelKind {
    /// A byte stream (RFC 9110, section 9.3.6).
    TCP("tcp"),
    /// UDP payloads (RFC 9298).
    UDP("udp"),
    /// UDP payloads of many peers on one public address (draft-ietf-masque-connect-udp-listen).
    BIND("udp-bind");

    private final String tag;

    TunnelKind(String tag) {
        this.tag = tag;
    }

    /// Whether the tunnel carries datagrams, which have no half-close and never wait.
    public boolean isDatagrams() {
        return this != TCP;
    }

    /// The value of the `protocol` tag of meters and logs.
    public String tag() {
        return tag;
    }
}
