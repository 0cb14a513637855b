package org.masquerelay.capsule;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;

/// Writes down what a [CapsuleReader] finds.
final class RecordingSink implements CapsuleReader.Sink {
    final List<String> datagrams = new ArrayList<>();
    final List<Long> unknown = new ArrayList<>();
    int tooLong;

    @Override
    public void datagram(ByteBuf value) {
        datagrams.add(ByteBufUtil.hexDump(value));
        value.release();
    }

    @Override
    public void datagramTooLong() {
        tooLong++;
    }

    @Override
    public void unknown(long type) {
        unknown.add(type);
    }
}
