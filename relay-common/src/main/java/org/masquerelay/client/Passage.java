package org.masquerelay.client;

import io.netty.channel.EventLoop;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelStream;

/// A UDP tunnel to another relay that no connection has been put into yet; see
/// [RelayClient#connectInside].
///
/// @param loop the event loop that the tunnel stays on
public record Passage(EventLoop loop, TunnelStream stream) implements AutoCloseable {
    /// For who has no use for it.
    @Override
    public void close() {
        loop.execute(() -> stream.reset(ResetCause.CANCELLED));
    }
}
