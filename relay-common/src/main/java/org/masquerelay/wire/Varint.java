package org.masquerelay.wire;

import io.netty.buffer.ByteBuf;

/// Variable-length integers (RFC 9000, section 16).
public final class Varint {
    private Varint() {}

    public static int length(long value) {
        return value < 0x40 ? 1 : value < 0x4000 ? 2 : value < 0x40000000L ? 4 : 8;
    }

    public static void write(ByteBuf out, long value) {
        switch (length(value)) {
            case 1 -> out.writeByte((int) value);
            case 2 -> out.writeShort((int) (value | 0x4000));
            case 4 -> out.writeInt((int) (value | 0x80000000L));
            default -> out.writeLong(value | 0xc000000000000000L);
        }
    }

    public static long tryRead(ByteBuf in) {
        if (!in.isReadable()) {
            return -1;
        }
        int start = in.readerIndex();
        int length = 1 << ((in.getByte(start) & 0xff) >> 6);
        if (in.readableBytes() < length) {
            return -1;
        }
        return switch (length) {
            case 1 -> in.readByte();
            case 2 -> in.readShort() & 0x3fff;
            case 4 -> in.readInt() & 0x3fffffff;
            default -> in.readLong() & 0x3fffffffffffffffL;
        };
    }
}
