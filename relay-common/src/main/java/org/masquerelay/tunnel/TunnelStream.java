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

    /// False when bytes should no longer be written until [TunnelSink#writable()].
    boolean isWritable();

    /// Stops delivery of bytes until [#resume()]; the peer's flow control does the waiting.
    /// Datagrams are not paused.
    void pause();

    void resume();

    /// Ends this direction once everything written is sent: FIN. Datagram ends close.
    void finish();

    /// Ends both directions at once, discarding what is queued.
    void reset(ResetCause cause);
}
