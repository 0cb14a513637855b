package org.masquerelay.capsule;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import org.masquerelay.capsule.CapsuleReader.Handling;

/// Writes down what a [CapsuleReader] finds.
final class RecordingSink implements CapsuleReader.Sink {
    static final int MAX_DATAGRAM = 1000;

    final List<String> datagrams = new ArrayList<>();
    final List<Long> unknown = new ArrayList<>();
    final StringBuilder parts = new StringBuilder();
    Handling otherwise = Handling.SKIP;
    int tooLong;
    int overBudget;

    @Override
    public Handling begin(long type, long length) {
        if (type != CapsuleType.DATAGRAM) {
            unknown.add(type);
            return otherwise;
        }
        if (length > MAX_DATAGRAM) {
            tooLong++;
            return Handling.SKIP;
        }
        return Handling.GATHER;
    }

    @Override
    public void whole(long type, ByteBuf value) {
        datagrams.add(ByteBufUtil.hexDump(value));
        value.release();
    }

    @Override
    public void part(ByteBuf piece, boolean last) {
        parts.append(ByteBufUtil.hexDump(piece)).append(last ? "|" : "");
        piece.release();
    }

    @Override
    public void overBudget(long type) {
        overBudget++;
    }
}
