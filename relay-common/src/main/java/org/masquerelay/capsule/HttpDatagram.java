package org.masquerelay.capsule;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.masquerelay.wire.Varint;

/// HTTP Datagrams of connect-udp: a context ID before the UDP payload (RFC 9298, section 4).
public final class HttpDatagram {
    /// The context that carries UDP payloads (RFC 9298, section 5).
    public static final long UDP_CONTEXT = 0;

    /// The longest UDP payload (RFC 9298, section 5).
    public static final int MAX_UDP_PAYLOAD = 65527;

    /// The longest HTTP Datagram that can hold one: eight bytes is the longest context ID.
    public static final int MAX_LENGTH = 8 + MAX_UDP_PAYLOAD;

    /// The longest header that [#writeCapsuleHeader] makes, in bytes.
    public static final int MAX_CAPSULE_HEADER = 6;

    /// The highest quarter stream ID (RFC 9297, section 2.1).
    public static final long MAX_QUARTER_STREAM_ID = (1L << 60) - 1;

    private HttpDatagram() {}

    /// `payload`, which is consumed, behind a quarter stream ID and the UDP context: the value of a
    /// QUIC DATAGRAM frame (RFC 9297, section 2.1).
    ///
    /// The bytes before a payload that came in as a datagram held such a prefix; it is overwritten
    /// if it fits and nobody else sees the buffer. Otherwise the payload is copied once.
    public static ByteBuf quicDatagram(
            ByteBufAllocator allocator, long quarterStreamId, ByteBuf payload) {
        int prefix = Varint.length(quarterStreamId) + 1;
        int start = payload.readerIndex();
        if (hasRoomBefore(payload, prefix)) {
            int end = payload.writerIndex();
            payload.setIndex(0, start - prefix);
            writePrefix(payload, quarterStreamId);
            return payload.setIndex(start - prefix, end);
        }
        var datagram = allocator.directBuffer(prefix + payload.readableBytes());
        writePrefix(datagram, quarterStreamId);
        datagram.writeBytes(payload);
        payload.release();
        return datagram;
    }

    /// `datagram`, which is consumed and has its context ID, behind a quarter stream ID. It is
    /// copied unless there is room before it, as in [#quicDatagram].
    public static ByteBuf quicDatagramOf(
            ByteBufAllocator allocator, long quarterStreamId, ByteBuf datagram) {
        int prefix = Varint.length(quarterStreamId);
        int start = datagram.readerIndex();
        if (hasRoomBefore(datagram, prefix)) {
            int end = datagram.writerIndex();
            Varint.write(datagram.setIndex(0, start - prefix), quarterStreamId);
            return datagram.setIndex(start - prefix, end);
        }
        var framed = allocator.directBuffer(prefix + datagram.readableBytes());
        Varint.write(framed, quarterStreamId);
        framed.writeBytes(datagram);
        datagram.release();
        return framed;
    }

    private static boolean hasRoomBefore(ByteBuf payload, int prefix) {
        return payload.readerIndex() >= prefix
                && payload.refCnt() == 1
                && !payload.isReadOnly()
                && payload.isDirect();
    }

    private static void writePrefix(ByteBuf out, long quarterStreamId) {
        Varint.write(out, quarterStreamId);
        out.writeByte((int) UDP_CONTEXT);
    }

    /// The header of a DATAGRAM capsule around a UDP payload of `length` bytes (RFC 9297, section
    /// 3.5).
    public static void writeCapsuleHeader(ByteBuf out, int length) {
        Varint.write(out, CapsuleType.DATAGRAM);
        Varint.write(out, length + 1L);
        out.writeByte((int) UDP_CONTEXT);
    }
}
