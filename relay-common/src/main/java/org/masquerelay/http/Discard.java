package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import org.masquerelay.tunnel.ResetCause;

/// Reads a little of what still comes after a final answer and throws it away: only a stream whose
/// end was read is forgotten by the layer below.
final class Discard implements MessageStream.Receiver {
    /// In bytes; a client that sends more after the answer is cut off.
    private static final int MAX_DISCARDED = 64 * 1024;

    private final MessageStream stream;
    private int discarded;

    private Discard(MessageStream stream) {
        this.stream = stream;
    }

    static void rest(MessageStream stream) {
        stream.receiver(new Discard(stream));
        stream.autoRead(true);
    }

    @Override
    public void content(ByteBuf bytes) {
        discarded += bytes.readableBytes();
        bytes.release();
        if (discarded > MAX_DISCARDED) {
            stream.reset(ResetCause.CANCELLED);
        }
    }

    @Override
    public void finished() {}

    @Override
    public void trailers() {}

    @Override
    public void failed(MessageStream.Failure failure) {
        stream.reset(ResetCause.CANCELLED);
    }

    @Override
    public void closed() {}
}
