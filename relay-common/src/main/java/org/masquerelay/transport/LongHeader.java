package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;

/// Where QUIC packets with long headers have what every version has in common ([RFC 8999, section
/// 5.1](https://datatracker.ietf.org/doc/html/rfc8999#section-5.1)): a byte, the version, and two
/// connection IDs, each behind a byte with its length.
final class LongHeader {
    /// Of the four bytes of the version, from the start of the packet.
    static final int VERSION_OFFSET = 1;

    /// Of the length of the destination connection ID.
    static final int IDS_OFFSET = VERSION_OFFSET + Integer.BYTES;

    static final int VERSION_1 = 1;

    private LongHeader() {}

    /// Whether the packet at `start` has one.
    static boolean isAt(ByteBuf datagram, int start) {
        return datagram.getByte(start) < 0;
    }
}
