package org.masquerelay.testkit;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// The bytes of HTTP/2, without any check: what a broken or hostile peer may send.
public final class H2Bytes {
    private H2Bytes() {}

    /// What a client starts with (RFC 9113, section 3.4).
    public static byte[] preface() {
        return RawBytes.latin1("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    }

    /// A frame, with its true length.
    public static byte[] frame(int type, int flags, int streamId, byte[] payload) {
        return RawBytes.concat(header(payload.length, type, flags, streamId), payload);
    }

    /// The nine bytes in front of a payload, whatever follows them. All 32 bits of the stream
    /// identifier are written.
    public static byte[] header(int length, int type, int flags, int streamId) {
        return ByteBuffer.allocate(H2Frame.HEADER)
                .putInt((length << 8) | (type & 0xff))
                .put((byte) flags)
                .putInt(streamId)
                .array();
    }

    /// A SETTINGS frame of these identifiers and values in turn.
    public static byte[] settings(long... identifiersAndValues) {
        var payload = ByteBuffer.allocate(identifiersAndValues.length / 2 * 6);
        for (int i = 0; i < identifiersAndValues.length; i += 2) {
            payload.putShort((short) identifiersAndValues[i]);
            payload.putInt((int) identifiersAndValues[i + 1]);
        }
        return frame(H2Frame.SETTINGS, 0, 0, payload.array());
    }

    public static byte[] settingsAck() {
        return frame(H2Frame.SETTINGS, H2Frame.ACK, 0, new byte[0]);
    }

    public static byte[] ping(int flags, long opaque) {
        return frame(H2Frame.PING, flags, 0, ByteBuffer.allocate(8).putLong(opaque).array());
    }

    /// A GOAWAY frame without debug data.
    public static byte[] goAway(int lastStreamId, long code) {
        return frame(H2Frame.GOAWAY, 0, 0, RawBytes.concat(number(lastStreamId), number(code)));
    }

    public static byte[] rst(int streamId, long code) {
        return frame(H2Frame.RST_STREAM, 0, streamId, number(code));
    }

    public static byte[] windowUpdate(int streamId, long increment) {
        return frame(H2Frame.WINDOW_UPDATE, 0, streamId, number(increment));
    }

    /// A PRIORITY frame that makes a stream depend on another one with a weight of 16.
    public static byte[] priority(int streamId, int dependency) {
        return frame(
                H2Frame.PRIORITY,
                0,
                streamId,
                RawBytes.concat(number(dependency), new byte[] {15}));
    }

    public static byte[] data(int streamId, int flags, byte[] content) {
        return frame(H2Frame.DATA, flags, streamId, content);
    }

    /// A payload for frames with [H2Frame#PADDED].
    public static byte[] padded(byte[] content, int padding) {
        return RawBytes.concat(new byte[] {(byte) padding}, content, new byte[padding]);
    }

    /// A HEADERS frame around a block, or the start of one.
    public static byte[] headers(int streamId, int flags, byte[] block) {
        return frame(H2Frame.HEADERS, flags, streamId, block);
    }

    public static byte[] continuation(int streamId, int flags, byte[] fragment) {
        return frame(H2Frame.CONTINUATION, flags, streamId, fragment);
    }

    /// A HEADERS frame and as many CONTINUATION frames as it takes, each with at most so many bytes
    /// of the block. [H2Frame#END_HEADERS] is set on the last one, the given flags on the first.
    public static byte[] headersInPieces(int streamId, int flags, byte[] block, int pieceBytes) {
        var frames = new ByteArrayOutputStream();
        for (int from = 0; from == 0 || from < block.length; from += pieceBytes) {
            int to = Math.min(block.length, from + pieceBytes);
            int end = to == block.length ? H2Frame.END_HEADERS : 0;
            var piece = Arrays.copyOfRange(block, from, to);
            frames.writeBytes(
                    from == 0
                            ? headers(streamId, flags | end, piece)
                            : continuation(streamId, end, piece));
        }
        return frames.toByteArray();
    }

    /// A header block with these names and values in turn, as literals that neither name nor enter
    /// a table (RFC 7541, section 6.2.2).
    public static byte[] block(String... namesAndValues) {
        var block = Unpooled.buffer();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.writeByte(0x00);
            H3Bytes.text(block, 0x00, 7, namesAndValues[i]);
            H3Bytes.text(block, 0x00, 7, namesAndValues[i + 1]);
        }
        return ByteBufUtil.getBytes(block);
    }

    /// 32 bits.
    public static byte[] number(long value) {
        return ByteBuffer.allocate(4).putInt((int) value).array();
    }
}
