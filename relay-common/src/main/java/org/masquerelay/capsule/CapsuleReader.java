package org.masquerelay.capsule;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.masquerelay.wire.Varint;

/// Cuts the bytes of a stream into capsules (RFC 9297, section 3.2), wherever the bytes are cut.
///
/// The [Sink] says at each header what becomes of the capsule, so what is held is at most one
/// capsule that it wants whole and one unfinished header, within the [CapsuleBudget] of the
/// connection.
public final class CapsuleReader {
    /// A capsule header: two variable-length integers.
    private static final int MAX_HEADER = 16;

    /// What is set aside for a capsule that is cut before more of it has come.
    private static final int FIRST_PIECE = 2048;

    private final ByteBufAllocator allocator;
    private final CapsuleBudget budget;
    private final Sink sink;
    private @Nullable ByteBuf held;
    private Handling handling = Handling.SKIP;
    private boolean inValue;
    private boolean stopped;
    private long type;
    private long left;
    private int charged;

    /// What becomes of a capsule.
    public enum Handling {
        /// Its value is handed over in one piece, by [Sink#whole].
        GATHER,
        /// Its value is handed over as it comes, by [Sink#part].
        STREAM,
        /// All of it is handed over as it comes, header included, by [Sink#part].
        PASS,
        /// It is left out, without being stored.
        SKIP,
        /// Neither it nor anything behind it is read.
        STOP
    }

    /// Decides about capsules and receives them.
    public interface Sink {
        /// A header was read: what is to become of the capsule. `length` is that of the value.
        Handling begin(long type, long length);

        /// The value of a capsule; consumed.
        void whole(long type, ByteBuf value);

        /// A piece of a capsule, which is consumed; `last` completes it.
        void part(ByteBuf piece, boolean last);

        /// A capsule to be gathered was skipped, because the connection holds too much already.
        void overBudget(long type);
    }

    public CapsuleReader(ByteBufAllocator allocator, CapsuleBudget budget, Sink sink) {
        this.allocator = allocator;
        this.budget = budget;
        this.sink = sink;
    }

    /// Reads all of `bytes`, which is consumed.
    public void read(ByteBuf bytes) {
        try {
            while (!stopped && (bytes.isReadable() || isEmptyCapsule())) {
                if (inValue) {
                    readValue(bytes);
                } else {
                    readHeader(bytes);
                }
            }
        } finally {
            bytes.release();
        }
    }

    private boolean isEmptyCapsule() {
        return inValue && left == 0;
    }

    private void readHeader(ByteBuf bytes) {
        if (held == null && tryHeader(bytes)) {
            return;
        }
        if (stopped) {
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
        long newType = Varint.tryRead(in);
        long length = newType < 0 ? -1 : Varint.tryRead(in);
        if (length < 0) {
            in.readerIndex(start);
            return false;
        }
        type = newType;
        left = length;
        inValue = true;
        handling = sink.begin(newType, length);
        if (handling == Handling.STOP) {
            stopped = true;
        } else if (handling == Handling.PASS) {
            passHeader(in, start);
        }
        return true;
    }

    private void passHeader(ByteBuf in, int start) {
        boolean last = left == 0;
        inValue = !last;
        sink.part(in.retainedSlice(start, in.readerIndex() - start), last);
    }

    private void readValue(ByteBuf bytes) {
        int take = (int) Math.min(left, bytes.readableBytes());
        switch (handling) {
            case GATHER -> gather(bytes, take);
            case STREAM, PASS -> {
                left -= take;
                inValue = left > 0;
                sink.part(bytes.readRetainedSlice(take), !inValue);
            }
            case SKIP, STOP -> {
                bytes.skipBytes(take);
                left -= take;
                inValue = left > 0;
            }
        }
    }

    private void gather(ByteBuf bytes, int take) {
        if (held == null && take == left) {
            inValue = false;
            sink.whole(type, bytes.readRetainedSlice(take));
            return;
        }
        if (held == null) {
            if (!budget.take((int) left)) {
                handling = Handling.SKIP;
                sink.overBudget(type);
                return;
            }
            charged = (int) left;
            held = allocator.buffer(Math.min((int) left, FIRST_PIECE), (int) left);
        }
        held.writeBytes(bytes, take);
        left -= take;
        if (left == 0) {
            var whole = held;
            held = null;
            inValue = false;
            giveBack();
            sink.whole(type, whole);
        }
    }

    private void giveBack() {
        budget.give(charged);
        charged = 0;
    }

    /// Whether the stream would end within a capsule if it ended now.
    public boolean isMidCapsule() {
        return inValue || held != null;
    }

    /// Lets go of what is held; nothing more is read.
    public void close() {
        stopped = true;
        giveBack();
        if (held != null) {
            held.release();
            held = null;
        }
    }
}
