package org.masquerelay.capsule;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.masquerelay.wire.Varint;

/// Cuts the bytes of a stream into capsules (RFC 9297, section 3.2), wherever the bytes are cut.
///
/// DATAGRAM capsules are handed on whole; all others are skipped as they come, without being
/// stored. A DATAGRAM capsule longer than the limit is skipped as well (RFC 9297, section 3.5), so
/// what is held is at most one datagram and one unfinished header.
public final class CapsuleReader {
    /// A capsule header: two variable-length integers.
    private static final int MAX_HEADER = 16;

    private final ByteBufAllocator allocator;
    private final int maxDatagram;
    private final Sink sink;
    private @Nullable ByteBuf held;
    private State state = State.HEADER;
    private long left;

    /// Receives what is found.
    public interface Sink {
        /// The value of a DATAGRAM capsule; consumed.
        void datagram(ByteBuf value);

        /// A DATAGRAM capsule longer than the limit was skipped.
        void datagramTooLong();

        /// A capsule of another type was skipped.
        void unknown(long type);
    }

    private enum State {
        HEADER,
        DATAGRAM,
        SKIP
    }

    public CapsuleReader(ByteBufAllocator allocator, int maxDatagram, Sink sink) {
        this.allocator = allocator;
        this.maxDatagram = maxDatagram;
        this.sink = sink;
    }

    /// Reads all of `bytes`, which is consumed.
    public void read(ByteBuf bytes) {
        try {
            while (bytes.isReadable() || isEmptyCapsule()) {
                switch (state) {
                    case HEADER -> readHeader(bytes);
                    case DATAGRAM -> readDatagram(bytes);
                    case SKIP -> skip(bytes);
                }
            }
        } finally {
            bytes.release();
        }
    }

    private boolean isEmptyCapsule() {
        return state != State.HEADER && left == 0;
    }

    private void readHeader(ByteBuf bytes) {
        if (held == null && tryHeader(bytes)) {
            return;
        }
        // The header is cut: gather it byte by byte until it is whole.
        var header = held == null ? allocator.buffer(MAX_HEADER, MAX_HEADER) : held;
        held = null; // The sink may close this reader.
        while (bytes.isReadable()) {
            header.writeByte(bytes.readByte());
            if (tryHeader(header)) {
                header.release();
                return;
            }
        }
        held = header;
    }

    private boolean tryHeader(ByteBuf in) {
        int start = in.readerIndex();
        long type = Varint.tryRead(in);
        long length = type < 0 ? -1 : Varint.tryRead(in);
        if (length < 0) {
            in.readerIndex(start);
            return false;
        }
        left = length;
        if (type == CapsuleType.DATAGRAM && length <= maxDatagram) {
            state = State.DATAGRAM;
        } else {
            state = State.SKIP;
            if (type == CapsuleType.DATAGRAM) {
                sink.datagramTooLong();
            } else {
                sink.unknown(type);
            }
        }
        return true;
    }

    private void readDatagram(ByteBuf bytes) {
        int take = (int) Math.min(left, bytes.readableBytes());
        if (held == null && take == left) {
            finish(bytes.readRetainedSlice(take));
            return;
        }
        if (held == null) {
            held = allocator.buffer(Math.min((int) left, 2048), (int) left);
        }
        held.writeBytes(bytes, take);
        left -= take;
        if (left == 0) {
            var whole = held;
            held = null;
            finish(whole);
        }
    }

    private void finish(ByteBuf value) {
        left = 0;
        state = State.HEADER;
        sink.datagram(value);
    }

    private void skip(ByteBuf bytes) {
        int take = (int) Math.min(left, bytes.readableBytes());
        bytes.skipBytes(take);
        left -= take;
        if (left == 0) {
            state = State.HEADER;
        }
    }

    /// Whether the stream would end within a capsule if it ended now.
    public boolean isMidCapsule() {
        return state != State.HEADER || held != null;
    }

    /// Lets go of what is held.
    public void close() {
        if (held != null) {
            held.release();
            held = null;
        }
    }
}
