package org.masquerelay.observe;

import java.util.Locale;

/// Why a connection was closed before it could carry a request.
public enum ConnectionRefusal {
    /// The listener has as many as it may.
    LISTENER_FULL,
    /// The client's address has as many as it may.
    ADDRESS_FULL,
    HANDSHAKE_FAILED,
    HANDSHAKE_TIMEOUT;

    /// The value of the `reason` tag of `masque.connections.refused`.
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
