package org.masquerelay.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.masquerelay.wire.Varint;

/// The bytes of HTTP/3, without any check: what a broken or hostile peer may send.
public final class H3Bytes {
    private H3Bytes() {}

    /// A frame (RFC 9114, section 7.1) around `payload`, which is consumed.
    public static ByteBuf frame(long type, ByteBuf payload) {
        var frame = Unpooled.buffer();
        Varint.write(frame, type);
        Varint.write(frame, payload.readableBytes());
        frame.writeBytes(payload);
        payload.release();
        return frame;
    }

    public static ByteBuf data(byte[] content) {
        return frame(0x00, Unpooled.wrappedBuffer(content));
    }

    /// A HEADERS frame with these names and values in turn, as literals that name no table (RFC
    /// 9204, section 4.5.6).
    public static ByteBuf headers(String... namesAndValues) {
        var section = Unpooled.buffer().writeZero(2);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            text(section, 0x20, 3, namesAndValues[i]);
            text(section, 0x00, 7, namesAndValues[i + 1]);
        }
        return frame(0x01, section);
    }

    // RFC 7541, section 5: a length that starts within a byte, and a text without Huffman.
    static void text(ByteBuf out, int pattern, int prefixBits, String text) {
        int limit = (1 << prefixBits) - 1;
        int left = text.length();
        if (left < limit) {
            out.writeByte(pattern | left);
        } else {
            out.writeByte(pattern | limit);
            for (left -= limit; left >= 0x80; left >>>= 7) {
                out.writeByte(left | 0x80);
            }
            out.writeByte(left);
        }
        out.writeCharSequence(text, ISO_8859_1);
    }

    /// A control stream (RFC 9114, section 6.2.1) that starts with a SETTINGS frame of these
    /// identifiers and values in turn.
    public static ByteBuf controlStream(long... settings) {
        var payload = Unpooled.buffer();
        for (long number : settings) {
            Varint.write(payload, number);
        }
        var stream = Unpooled.buffer().writeByte(0x00);
        var frame = frame(0x04, payload);
        return stream.writeBytes(frame);
    }

    public static ByteBuf hex(String digits) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(digits));
    }

    /// The payload of a QUIC DATAGRAM frame that belongs to a request stream (RFC 9297, section
    /// 2.1) and carries a UDP payload (RFC 9298, section 5).
    public static ByteBuf udpDatagram(long streamId, byte[] payload) {
        var datagram = Unpooled.buffer();
        Varint.write(datagram, streamId / 4);
        return datagram.writeByte(0).writeBytes(payload);
    }

    /// A DATAGRAM capsule (RFC 9297, section 3.5) that carries a UDP payload.
    public static ByteBuf udpCapsule(byte[] payload) {
        return Unpooled.wrappedBuffer(CapsuleBytes.udp(payload));
    }
}
