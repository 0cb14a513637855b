package org.masquerelay.tunnel;

import io.netty.buffer.ByteBuf;

/// Receives what arrives at one end of a tunnel. Called on the event loop of the [TunnelStream].
public interface TunnelSink {
    /// Bytes, or exactly one datagram, which may be empty. The payload is consumed.
    void received(ByteBuf payload);

    /// An HTTP Datagram of a context other than that of UDP payloads, context ID included (RFC
    /// 9298, section 4). It is consumed, and dropped by a sink that knows no other context.
    default void datagram(ByteBuf datagram) {
        datagram.release();
    }

    /// A capsule that this hop does not interpret, as it came on the wire and in as many parts as
    /// it came in; `last` says that it is whole now. The part is consumed, and dropped by a sink
    /// that has no use for capsules.
    default void capsule(ByteBuf part, boolean last) {
        part.release();
    }

    /// The peer sends nothing more; the other direction stays open.
    void finished();

    /// The stream can take bytes again.
    void writable();

    /// What was written to the stream breaks the rules of its tunnel: the end it came from is to be
    /// reset with `cause`. [#closed] follows.
    default void violated(ResetCause cause) {}

    /// The stream is gone in both directions; the last call.
    void closed(StreamEnd end);
}
