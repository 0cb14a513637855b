package org.masquerelay.tunnel;

/// Why one end of a tunnel ended abruptly, and the code that says so on the wire.
public enum ResetCause {
    /// The far end of the tunnel was reset or failed: H3_CONNECT_ERROR (RFC 9114, section 4.4).
    CONNECT_ERROR(0x10f, 0xa),
    /// The tunnel is no longer wanted: H3_REQUEST_CANCELLED (RFC 9114, section 8.1).
    CANCELLED(0x10c, 0x8),
    /// The peer broke the message or capsule format: H3_MESSAGE_ERROR (RFC 9114, section 4.1.2).
    MESSAGE_ERROR(0x10e, 0x1),
    /// The peer finished before its request was whole: H3_REQUEST_INCOMPLETE (RFC 9114, section
    /// 8.1).
    REQUEST_INCOMPLETE(0x10d, 0x1),
    /// A frame that does not belong on a tunnel: H3_FRAME_UNEXPECTED (RFC 9114, section 7.2).
    FRAME_UNEXPECTED(0x105, 0x1),
    /// A datagram on a stream without datagrams: H3_DATAGRAM_ERROR (RFC 9297, section 2).
    DATAGRAM_ERROR(0x33, 0x1),
    /// The peer makes this relay hold more for it than it may: H3_EXCESSIVE_LOAD (RFC 9114, section
    /// 8.1).
    EXCESSIVE_LOAD(0x107, 0xb),
    /// This relay is at fault: H3_INTERNAL_ERROR (RFC 9114, section 8.1).
    INTERNAL_ERROR(0x102, 0x2);

    private final int h3Code;
    private final int h2Code;

    ResetCause(int h3Code, int h2Code) {
        this.h3Code = h3Code;
        this.h2Code = h2Code;
    }

    /// The HTTP/3 application error code.
    public int h3Code() {
        return h3Code;
    }

    /// The HTTP/2 error code: CONNECT_ERROR, CANCEL, PROTOCOL_ERROR, ENHANCE_YOUR_CALM or
    /// INTERNAL_ERROR (RFC 9113, section 7).
    public int h2Code() {
        return h2Code;
    }
}
