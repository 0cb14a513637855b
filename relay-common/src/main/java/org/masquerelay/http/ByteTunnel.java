package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;

/// A TCP tunnel whose bytes are the content of the message (RFC 9110, section 9.3.6; RFC 9114,
/// section 4.4; RFC 9113, section 8.5).
///
/// It reads once and writes once per turn, so a burst of packets costs one read and one DATA frame.
/// Used on both sides of a hop. Confined to the event loop of its stream.
class ByteTunnel implements HttpTunnel, EndOfTurn.Task {
    /// Bytes gathered in a turn before the other side is told to wait.
    private static final int HIGH_WATER = 256 * 1024;

    /// Bytes gathered at most: what the kernel may hold of the other side, and some.
    private static final int MAX_PENDING = 8 * 1024 * 1024;

    /// Bytes read before the answer to the request; one more read can go beyond.
    private static final int MAX_EARLY = 16 * 1024;

    final MessageStream stream;
    private @Nullable TunnelSink sink;
    private @Nullable CompositeByteBuf early;
    private @Nullable CompositeByteBuf pending;
    private boolean queued;
    private boolean reading;
    private boolean toldToWait;
    private boolean streamEnded;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean reset;
    private boolean gone;

    ByteTunnel(MessageStream stream) {
        this.stream = stream;
        var datagrams = stream.datagrams();
        if (datagrams != null) {
            // RFC 9297, section 2: datagrams have no meaning here.
            datagrams.open(datagram -> {
                datagram.release();
                reset(ResetCause.DATAGRAM_ERROR);
            });
        }
    }

    @Override
    public final void attach(TunnelSink sink) {
        this.sink = sink;
        reading = true; // The sink may pause at once.
        if (early != null) {
            var bytes = early;
            early = null;
            arrived(sink, bytes);
        }
        if (streamEnded && !reset) {
            streamFinished(sink);
        }
        if (gone) {
            sink.closed(end());
            return;
        }
        queue();
    }

    @Override
    public final void content(ByteBuf bytes) {
        if (reset || gone || !bytes.isReadable()) {
            bytes.release();
        } else if (sink != null) {
            arrived(sink, bytes);
        } else {
            if (early == null) {
                early = stream.alloc().compositeBuffer(Integer.MAX_VALUE);
            }
            early.addComponent(true, bytes);
        }
    }

    @Override
    public final void trailers() {
        reset(ResetCause.FRAME_UNEXPECTED);
    }

    @Override
    public final void readComplete() {
        queue();
    }

    /// Content has come for `to`; consumed.
    void arrived(TunnelSink to, ByteBuf bytes) {
        to.received(bytes);
    }

    @Override
    public final void finished() {
        if (!streamEnded && !reset) {
            streamEnded = true;
            if (sink != null) {
                streamFinished(sink);
            }
        }
    }

    /// The peer has ended its direction of the stream.
    void streamFinished(TunnelSink to) {
        inputFinished(to);
    }

    /// The last byte from the peer has been handed over.
    final void inputFinished(TunnelSink to) {
        inputEnded = true;
        to.finished();
    }

    @Override
    public final void write(ByteBuf payload) {
        if (outputEnded || reset || gone || !payload.isReadable()) {
            payload.release();
            return;
        }
        if (pending == null) {
            pending = stream.alloc().compositeBuffer(Integer.MAX_VALUE);
        }
        pending.addComponent(true, payload);
        if (pending.readableBytes() > MAX_PENDING) {
            // The other side did not wait, or a lost client had a larger window.
            reset(ResetCause.INTERNAL_ERROR);
            return;
        }
        queue();
    }

    @Override
    public final void writeDatagram(ByteBuf datagram) {
        datagram.release(); // A byte stream has none.
    }

    @Override
    public void writeCapsule(ByteBuf part, boolean last) {
        part.release(); // Nor capsules.
    }

    final void queue() {
        if (!queued) {
            queued = true;
            stream.endOfTurn().add(this);
        }
    }

    @Override
    public final void endOfTurn() {
        queued = false;
        flush();
        if ((reading || waitsForAnswer()) && !streamEnded && !reset) {
            stream.read();
        }
        tellWritable();
    }

    /// Before the answer it reads on while little has come, so that a client that gives up is
    /// noticed; then the peer's flow control holds the rest back.
    private boolean waitsForAnswer() {
        return sink == null && (early == null || early.readableBytes() < MAX_EARLY);
    }

    final void flush() {
        var bytes = pending;
        if (bytes != null && maySend()) {
            pending = null;
            send(bytes);
        }
    }

    /// Whether bytes may be sent at this place of the stream.
    boolean maySend() {
        return true;
    }

    /// Sends what a turn has gathered, which is consumed.
    void send(ByteBuf bytes) {
        stream.write(bytes);
    }

    @Override
    public final boolean isWritable() {
        boolean writable =
                stream.isWritable() && (pending == null || pending.readableBytes() < HIGH_WATER);
        toldToWait |= !writable;
        return writable;
    }

    @Override
    public final void writabilityChanged() {
        tellWritable();
    }

    private void tellWritable() {
        if (toldToWait && stream.isWritable() && pending == null && sink != null) {
            toldToWait = false;
            sink.writable();
        }
    }

    @Override
    public final void pause() {
        reading = false;
    }

    @Override
    public final void resume() {
        reading = true;
        queue();
    }

    @Override
    public final void finish() {
        if (outputEnded || reset || gone) {
            return;
        }
        outputEnded = true;
        flush();
        finishOutput();
    }

    /// Says that our last byte is sent.
    void finishOutput() {
        stream.finish();
    }

    final boolean isInputEnded() {
        return inputEnded;
    }

    final boolean isOutputEnded() {
        return outputEnded;
    }

    final boolean isOver() {
        return reset || gone;
    }

    @Override
    public final void reset(ResetCause cause) {
        if (reset || gone) {
            return;
        }
        reset = true;
        letGo();
        stream.reset(cause);
    }

    @Override
    public final void failed(MessageStream.Failure failure) {
        // A write that fails with its connection is no reset of the peer, and what came before it
        // is still to be read.
        if (!stream.isConnectionLost()) {
            reset(failure.answer());
        }
    }

    @Override
    public final void closed() {
        if (gone) {
            return;
        }
        gone = true;
        letGo();
        if (sink != null) {
            sink.closed(end());
        }
    }

    private StreamEnd end() {
        if (reset) {
            return StreamEnd.RESET;
        }
        if (inputEnded && outputEnded) {
            return StreamEnd.FINISHED;
        }
        return stream.isConnectionLost() ? StreamEnd.LOST : StreamEnd.RESET;
    }

    @Override
    public final void abandon() {
        gone = true;
        letGo();
    }

    /// Lets go of what is held.
    void letGo() {
        var datagrams = stream.datagrams();
        if (datagrams != null) {
            datagrams.close();
        }
        if (pending != null) {
            pending.release();
            pending = null;
        }
        if (early != null) {
            early.release();
            early = null;
        }
    }
}
