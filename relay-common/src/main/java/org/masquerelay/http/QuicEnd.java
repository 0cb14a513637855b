package org.masquerelay.http;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.ConnectionTrace.Cause;
import org.masquerelay.observe.ConnectionTrace.End;

/// How QUIC connections ended, as far as they tell.
final class QuicEnd {
    private static final int NONE = -1;

    private QuicEnd() {}

    /// @param byPeer what the peer said, if it did
    static End of(QuicChannel closed, @Nullable QuicConnectionCloseEvent byPeer) {
        if (byPeer != null) {
            return new End(Cause.PEER, byPeer.isApplicationClose(), byPeer.error());
        }
        return new End(closed.isTimedOut() ? Cause.IDLE : Cause.HERE, false, NONE);
    }
}
