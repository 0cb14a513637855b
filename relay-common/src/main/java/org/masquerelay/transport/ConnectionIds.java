package org.masquerelay.transport;

import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The connection IDs that a socket gives out, of which it tells those that connections begin with
/// just before these are made. Confined to an event loop.
final class ConnectionIds implements QuicConnectionIdGenerator {
    private final QuicConnectionIdGenerator ids;
    private final int length;
    private final Consumer<ByteBuffer> first;
    private @Nullable ByteBuffer reserved;

    /// @param length bytes of each
    /// @param first told of the first of the connection to come
    ConnectionIds(QuicConnectionIdGenerator ids, int length, Consumer<ByteBuffer> first) {
        this.ids = ids;
        this.length = length;
        this.first = first;
    }

    /// The one that the Retry which is being written names.
    ByteBuffer reserve() {
        var id = ids.newId(length);
        reserved = id;
        return id.duplicate();
    }

    /// A client came back with the one of its Retry.
    void cameBack(ByteBuffer id) {
        first.accept(id);
    }

    @Override
    public ByteBuffer newId(int bytes) {
        return ids.newId(bytes);
    }

    @Override
    public ByteBuffer newId(ByteBuffer input, int bytes) {
        return ids.newId(input, bytes);
    }

    /// This form is asked for that of a Retry, and for the first of a connection without one.
    @Override
    public ByteBuffer newId(ByteBuffer scid, ByteBuffer dcid, int bytes) {
        var id = reserved;
        if (id != null) {
            reserved = null;
            return id;
        }
        id = ids.newId(scid, dcid, bytes);
        first.accept(id.duplicate());
        return id;
    }

    @Override
    public int maxConnectionIdLength() {
        return ids.maxConnectionIdLength();
    }

    @Override
    public boolean isIdempotent() {
        return ids.isIdempotent();
    }
}
