package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;
import org.masquerelay.observe.ConnectionTrace.PacketType;
import org.masquerelay.wire.Varint;

/// The packets of a connection within one UDP datagram ([RFC 9000, section
/// 12.2](https://datatracker.ietf.org/doc/html/rfc9000#section-12.2)), by what their headers show
/// to anybody. Used again for each datagram; nothing here allocates. Confined to an event loop.
final class CoalescedPackets {
    /// One of each type, and some that were split.
    static final int MOST = 8;

    private static final int FIXED_BIT = 0x40;
    private static final int TYPE_SHIFT = 4;
    private static final int TYPE_MASK = 0x03;
    private static final int NONE = -1;

    /// Of long headers (section 17.2); the fourth is a Retry, which is not numbered.
    private static final PacketType[] LONG = {
        PacketType.INITIAL, PacketType.ZERO_RTT, PacketType.HANDSHAKE
    };

    private final PacketType[] types = new PacketType[MOST];
    private final int[] starts = new int[MOST];
    private final int[] lengths = new int[MOST];
    private int count;

    /// Finds those of `datagram`, [#MOST] at most; it is borrowed and stays as it is. What is
    /// neither a packet of version 1 nor numbered is left out, with all that follows.
    void read(ByteBuf datagram) {
        count = 0;
        int start = datagram.readerIndex();
        int end = datagram.writerIndex();
        while (start < end && count < MOST) {
            byte first = datagram.getByte(start);
            // Behind a packet, a byte without that bit is padding; at the start, a damaged packet.
            if ((first & FIXED_BIT) == 0 && count > 0) {
                return;
            }
            if (!LongHeader.isAt(datagram, start)) {
                add(PacketType.ONE_RTT, start, end - start);
                return;
            }
            start = longHeader(datagram, first, start, end);
            if (start == NONE) {
                return;
            }
        }
    }

    /// Where the next packet starts, if there can be one.
    private int longHeader(ByteBuf datagram, byte first, int start, int end) {
        int type = first >> TYPE_SHIFT & TYPE_MASK;
        int at = start + LongHeader.IDS_OFFSET;
        if (type >= LONG.length
                || at >= end
                || datagram.getInt(start + LongHeader.VERSION_OFFSET) != LongHeader.VERSION_1) {
            return NONE;
        }
        at = skipId(datagram, at, end);
        at = skipId(datagram, at, end);
        if (LONG[type] == PacketType.INITIAL) {
            at = skipVarintAndItsBytes(datagram, at, end);
        }
        int next = skipVarintAndItsBytes(datagram, at, end);
        add(LONG[type], start, (next == NONE ? end : next) - start);
        return next;
    }

    /// Behind a connection ID and its length.
    private static int skipId(ByteBuf datagram, int at, int end) {
        if (at == NONE || at >= end) {
            return NONE;
        }
        int next = at + 1 + datagram.getUnsignedByte(at);
        return next > end ? NONE : next;
    }

    private static int skipVarintAndItsBytes(ByteBuf datagram, int at, int end) {
        if (at == NONE || at >= end) {
            return NONE;
        }
        long length = Varint.tryGet(datagram, at);
        if (length < 0) {
            return NONE;
        }
        long next = at + Varint.lengthOf(datagram.getByte(at)) + length;
        return next > end ? NONE : (int) next;
    }

    private void add(PacketType type, int start, int length) {
        types[count] = type;
        starts[count] = start;
        lengths[count] = length;
        count++;
    }

    int count() {
        return count;
    }

    PacketType type(int i) {
        return types[i];
    }

    /// An index of the datagram.
    int start(int i) {
        return starts[i];
    }

    int length(int i) {
        return lengths[i];
    }
}
