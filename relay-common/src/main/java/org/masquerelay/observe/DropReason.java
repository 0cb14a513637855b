package org.masquerelay.observe;

import java.util.Locale;

/// Why a datagram went no further.
public enum DropReason {
    /// Its stream is closed, or never was a datagram stream.
    NO_STREAM,
    /// It came before the tunnel was open and the waiting room was full.
    EARLY_OVERFLOW,
    /// Longer than the next hop takes in one piece.
    TOO_LARGE,
    /// Its context ID is not one this tunnel knows (RFC 9298, section 4).
    UNKNOWN_CONTEXT,
    /// It came from a peer that this bind tunnel has no context for.
    NO_CONTEXT,
    /// It is to or from a peer that bind tunnels may not reach.
    PROHIBITED_PEER,
    /// It ends before its context ID or its peer does.
    MALFORMED,
    /// The socket or the connection could not take it now.
    CONGESTED,
    /// Its tunnel, or the tenant that the tunnel belongs to, is faster than it may be.
    RATE_LIMITED;

    /// The value of the `reason` tag of `masque.datagrams.dropped`.
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
