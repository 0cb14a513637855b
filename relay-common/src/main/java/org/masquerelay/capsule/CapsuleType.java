package org.masquerelay.capsule;

/// Capsule types (RFC 9297, section 5.4) and where they are used.
public final class CapsuleType {
    /// An HTTP Datagram on the stream (RFC 9297, section 3.5).
    public static final long DATAGRAM = 0x00;

    /// Opens a context of a bind tunnel (draft-ietf-masque-connect-udp-listen, section 3.1).
    public static final long COMPRESSION_ASSIGN = 0x11;

    /// Confirms a context of a bind tunnel.
    public static final long COMPRESSION_ACK = 0x12;

    /// Ends a context of a bind tunnel.
    public static final long COMPRESSION_CLOSE = 0x13;

    private CapsuleType() {}

    /// Types reserved to exercise that unknown ones are skipped: 0x29 * N + 0x17 (RFC 9297, section
    /// 5.4).
    public static boolean isReserved(long type) {
        return type >= 0x17 && (type - 0x17) % 0x29 == 0;
    }
}
