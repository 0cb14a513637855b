package org.masquerelay.testkit;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.masquerelay.capsule.CapsuleType;
import org.masquerelay.wire.Varint;

/// The bytes of capsules (RFC 9297, section 3.2), without any check: what a broken or hostile peer
/// may send.
public final class CapsuleBytes {
    private CapsuleBytes() {}

    /// A capsule that was read whole.
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record Capsule(long type, byte[] value) {
        /// What the value of a DATAGRAM capsule says.
        public Datagram datagram() {
            if (type != CapsuleType.DATAGRAM) {
                throw new AssertionError("expected a DATAGRAM capsule: type " + type);
            }
            int length = varintLength(value);
            return new Datagram(
                    varint(value, length), Arrays.copyOfRange(value, length, value.length));
        }
    }

    /// An HTTP Datagram whose payload starts with a context (RFC 9298, section 5).
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record Datagram(long contextId, byte[] payload) {}

    /// Where the bytes of a stream come from: exactly as many as asked for, as in
    /// `CapsuleBytes.read(stream::awaitBytes)`.
    public interface Source<E extends Exception> {
        byte[] bytes(int count) throws E;
    }

    public static byte[] capsule(long type, byte[] value) {
        return RawBytes.concat(header(type, value.length), value);
    }

    /// A type and a length, whatever follows them.
    public static byte[] header(long type, long length) {
        return RawBytes.concat(varint(type), varint(length));
    }

    /// A DATAGRAM capsule (RFC 9297, section 3.5) of this context.
    public static byte[] datagram(long contextId, byte[] payload) {
        return capsule(CapsuleType.DATAGRAM, RawBytes.concat(varint(contextId), payload));
    }

    /// A DATAGRAM capsule that carries a UDP payload (RFC 9298, section 5).
    public static byte[] udp(byte[] payload) {
        return datagram(0, payload);
    }

    /// The shortest encoding of a variable-length integer.
    public static byte[] varint(long value) {
        var bytes = Unpooled.buffer(8);
        Varint.write(bytes, value);
        return ByteBufUtil.getBytes(bytes);
    }

    /// The encoding with 1, 2, 4 or 8 bytes, which may be longer than needed.
    public static byte[] varintOf(int bytes, long value) {
        var encoded = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            encoded[i] = (byte) (value >>> (8 * (bytes - 1 - i)));
        }
        encoded[0] |= (byte) (Integer.numberOfTrailingZeros(bytes) << 6);
        return encoded;
    }

    /// The next capsule of a stream; it is held as a whole.
    public static <E extends Exception> Capsule read(Source<E> source) throws E {
        long type = readVarint(source);
        int length = Math.toIntExact(readVarint(source));
        return new Capsule(type, length == 0 ? new byte[0] : source.bytes(length));
    }

    /// All capsules in these bytes, which must end with one.
    public static List<Capsule> parse(byte[] bytes) {
        var in = Unpooled.wrappedBuffer(bytes);
        var capsules = new ArrayList<Capsule>();
        while (in.isReadable()) {
            Source<RuntimeException> rest =
                    count -> {
                        var part = new byte[count];
                        in.readBytes(part);
                        return part;
                    };
            capsules.add(read(rest));
        }
        return capsules;
    }

    private static <E extends Exception> long readVarint(Source<E> source) throws E {
        var first = source.bytes(1);
        int length = varintLength(first);
        var all = length == 1 ? first : RawBytes.concat(first, source.bytes(length - 1));
        return varint(all, length);
    }

    private static int varintLength(byte[] bytes) {
        if (bytes.length == 0) {
            throw new AssertionError("a datagram without a context");
        }
        return Varint.lengthOf(bytes[0]);
    }

    private static long varint(byte[] bytes, int length) {
        long value = Varint.tryRead(Unpooled.wrappedBuffer(bytes));
        if (value < 0) {
            throw new AssertionError(bytes.length + " of " + length + " bytes of an integer");
        }
        return value;
    }
}
