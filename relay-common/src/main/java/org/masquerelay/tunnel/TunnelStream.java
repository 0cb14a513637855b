package org.masquerelay.tunnel;

import io.netty.buffer.ByteBuf;

/// One end of a tunnel: bytes for TCP, one datagram per buffer for UDP, whatever carries them
/// below.
///
/// Confined to one event loop: every method is called there, and the [TunnelSink] is called there.
/// Writes are sent at the end of the loop's turn at the latest; nobody flushes.
public interface TunnelStream {
    /// Starts delivery to `sink`. Payload that came earlier is delivered first. Called once.
    void attach(TunnelSink sink);

    /// Sends `payload`, which is consumed. A datagram that cannot be sent now is dropped and
    /// counted; bytes are queued, and [#isWritable] tells when to stop.
    void write(ByteBuf payload);

    /// Sends an HTTP Datagram of another context, context ID included, which is consumed. An end
    /// that knows no other context drops and counts it (RFC 9298, section 4).
    void writeDatagram(ByteBuf datagram);

    /// Sends part of a capsule as it came on the wire, which is consumed; `last` completes it. An
    /// end that has no capsules drops it.
    void writeCapsule(ByteBuf part, boolean last);

    /// False when bytes and capsules should no longer be written until [TunnelSink#writable()].
    boolean isWritable();

    /// Stops delivery of bytes and capsules until [#resume()]; the peer's flow control does the
    /// waiting. QUIC datagrams are not paused.
    void pause();

    void resume();

    /// Whether this end keeps its peer waiting by itself, apart from [#pause()], so that the peer's
    /// silence says nothing.
    default boolean isHeldBack() {
        return false;
    }

    /// Ends this direction once everything written is sent: FIN. Datagram ends close.
    void finish();

    /// Ends both directions at once, discarding what is queued.
    void reset(ResetCause cause);
}
