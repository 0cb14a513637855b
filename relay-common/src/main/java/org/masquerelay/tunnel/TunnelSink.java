package org.masquerelay.tunnel;

import io.netty.buffer.ByteBuf;

/// Receives what arrives at one end of a tunnel. Called on the event loop of the [TunnelStream].
public interface TunnelSink {
    /// Bytes, or exactly one datagram, which may be empty. The payload is consumed.
    void received(ByteBuf payload);

    /// The peer sends nothing more; the other direction stays open.
    void finished();

    /// The stream can take bytes again.
    void writable();

    /// The stream is gone in both directions; the last call.
    void closed(StreamEnd end);
}
