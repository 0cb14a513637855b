package org.masquerelay.cli.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/// Compares what comes with the [Pattern], and takes the last eight bytes for its length.
///
/// Nobody knows which bytes are the last until the end, so eight are always held back.
final class PatternReader {
    private final Pattern pattern;
    private final ByteBuf heldBack = Unpooled.buffer(2 * Long.BYTES);
    private long verified;
    private boolean wrong;

    PatternReader(Pattern pattern) {
        this.pattern = pattern;
    }

    /// Takes all of `bytes`, which are borrowed.
    void read(ByteBuf bytes) {
        while (bytes.readableBytes() > 0 && bytes.readableBytes() < Long.BYTES) {
            heldBack.writeByte(bytes.readByte());
            verify(heldBack, Math.max(0, heldBack.readableBytes() - Long.BYTES));
            heldBack.discardReadBytes();
        }
        if (bytes.isReadable()) {
            verify(heldBack, heldBack.readableBytes());
            heldBack.clear();
            verify(bytes, bytes.readableBytes() - Long.BYTES);
            heldBack.writeBytes(bytes);
        }
    }

    private void verify(ByteBuf bytes, int length) {
        wrong = wrong || !pattern.isAt(verified, bytes, length);
        bytes.skipBytes(length);
        if (!wrong) {
            verified += length;
        }
    }

    /// Bytes of the pattern that have come, up to the first wrong one.
    long verified() {
        return verified;
    }

    /// Whether all that has come so far is as much of the pattern as its end says.
    boolean isComplete() {
        return !wrong
                && heldBack.readableBytes() == Long.BYTES
                && heldBack.getLong(heldBack.readerIndex()) == verified;
    }
}
