package org.masquerelay.cli.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;

/// An endless row of bytes that every sender makes and every receiver knows.
///
/// It repeats after a prime number of bytes, so that a missing or doubled block shows.
final class Pattern {
    private static final int PERIOD = 65_521;

    /// The most that is written at a time.
    static final int CHUNK = 16 * 1024;

    private static final long SEED = 9298;

    private final ByteBuf bytes = Unpooled.directBuffer(2 * PERIOD);

    Pattern() {
        byte[] period = new byte[PERIOD];
        new Random(SEED).nextBytes(period);
        bytes.writeBytes(period).writeBytes(period);
    }

    /// Bytes from `position` on; the caller owns them.
    ByteBuf chunkAt(long position) {
        return bytes.retainedSlice((int) (position % PERIOD), CHUNK);
    }

    /// Whether `received` holds what belongs at `position`, in `length` bytes from its reader index
    /// on.
    boolean isAt(long position, ByteBuf received, int length) {
        int done = 0;
        while (done < length) {
            int part = Math.min(length - done, PERIOD);
            int from = (int) ((position + done) % PERIOD);
            if (!ByteBufUtil.equals(bytes, from, received, received.readerIndex() + done, part)) {
                return false;
            }
            done += part;
        }
        return true;
    }
}
