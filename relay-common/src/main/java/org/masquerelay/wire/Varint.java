package org.masquerelay.wire;

import io.netty.buffer.ByteBuf;

/// Variable-length integers of [RFC 9000, section
/// 16](https://datatracker.ietf.org/doc/html/rfc9000#section-16).
///
/// The two high bits of the first byte say how many bytes there are: 1, 2, 4 or 8. Nothing here
/// allocates.
public final class Varint {

    public static final long MAX = 0x3fff_ffff_ffff_ffffL;

    private static final long MAX_1 = 0x3f;
    private static final long MAX_2 = 0x3fff;
    private static final long MAX_4 = 0x3fff_ffff;

    private Varint() {}

    /// The number of bytes of the shortest encoding.
    public static int length(long value) {
        if (value < 0 || value > MAX) {
            throw new IllegalArgumentException(
                    "varint: " + value + " (expected: 0 to 4611686018427387903)");
        }
        if (value <= MAX_1) {
            return 1;
        }
        if (value <= MAX_2) {
            return 2;
        }
        return value <= MAX_4 ? 4 : 8;
    }

    /// Writes the shortest encoding.
    public static void write(ByteBuf out, long value) {
        switch (length(value)) {
            case 1 -> out.writeByte((int) value);
            case 2 -> out.writeShort((int) value | 0x4000);
            case 4 -> out.writeInt((int) value | 0x8000_0000);
            default -> out.writeLong(value | 0xc000_0000_0000_0000L);
        }
    }

    /// The number of bytes of an encoding that starts with this byte.
    public static int lengthOf(byte first) {
        return 1 << ((first & 0xff) >>> 6);
    }

    /// The next value, or -1 with the reader index unmoved when more bytes are needed.
    ///
    /// Longer forms than needed are accepted. The buffer is borrowed.
    public static long tryRead(ByteBuf in) {
        long value = tryGet(in, in.readerIndex());
        if (value >= 0) {
            in.skipBytes(lengthOf(in.getByte(in.readerIndex())));
        }
        return value;
    }

    /// The value at `index`, or -1 when it goes on behind the last readable byte. The reader index
    /// stays where it is.
    public static long tryGet(ByteBuf in, int index) {
        int left = in.writerIndex() - index;
        if (left <= 0) {
            return -1;
        }
        int length = lengthOf(in.getByte(index));
        if (left < length) {
            return -1;
        }
        return switch (length) {
            case 1 -> in.getByte(index);
            case 2 -> in.getShort(index) & MAX_2;
            case 4 -> in.getInt(index) & MAX_4;
            default -> in.getLong(index) & MAX;
        };
    }
}
