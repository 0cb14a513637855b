package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.masquerelay.capsule.CapsuleReader;
import org.masquerelay.capsule.CapsuleReader.Handling;
import org.masquerelay.capsule.CapsuleType;
import org.masquerelay.capsule.HttpDatagram;
import org.masquerelay.http.MessageStream.QuicDatagrams;
import org.masquerelay.observe.DropReason;
import org.masquerelay.observe.Losses;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.wire.Varint;

/// A UDP tunnel (RFC 9298): payloads come and go as QUIC datagrams where the connection has them,
/// and otherwise as DATAGRAM capsules, which are accepted in any case.
///
/// Capsules of a turn leave as one piece. Used on both sides of a hop. Confined to the event loop
/// of its stream.
final class DatagramTunnel
        implements HttpTunnel, H3Datagrams.Receiver, CapsuleReader.Sink, EndOfTurn.Task {
    /// QUIC datagrams that wait for the answer to the request.
    private static final int MAX_EARLY = 16;

    /// Bytes of capsules that wait for it; one more read can go beyond.
    private static final int MAX_EARLY_BYTES = 32 * 1024;

    /// Bytes of capsules gathered in a turn; datagrams beyond are dropped.
    private static final int MAX_PENDING = 256 * 1024;

    /// Bytes of capsules that wait while the stream takes none: as little as a socket's buffer
    /// would.
    private static final int MAX_BLOCKED = 64 * 1024;

    private static final int FIRST_PENDING = 4096;

    private final MessageStream stream;
    private final @Nullable QuicDatagrams quic;
    private final Losses losses;
    private final CapsuleRules rules;
    private final CapsuleReader capsules;
    private final Queue<ByteBuf> earlyDatagrams = new ArrayDeque<>(0);
    private @Nullable CompositeByteBuf earlyContent;
    private @Nullable ByteBuf pending;
    private @Nullable TunnelSink sink;
    private boolean queued;
    private boolean toldToWait;
    private boolean midCapsule;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean reset;
    private boolean gone;

    DatagramTunnel(MessageStream stream, CapsuleRules rules) {
        this.stream = stream;
        this.rules = rules;
        this.losses = rules.losses();
        this.capsules = new CapsuleReader(stream.alloc(), rules.budget(), this);
        this.quic = stream.datagrams();
        if (quic != null) {
            quic.open(this);
        }
    }

    @Override
    public void attach(TunnelSink sink) {
        this.sink = sink;
        for (var payload = earlyDatagrams.poll();
                payload != null;
                payload = earlyDatagrams.poll()) {
            sink.received(payload);
        }
        if (earlyContent != null) {
            var content = earlyContent;
            earlyContent = null;
            capsules.read(content);
        }
        if (inputEnded && !reset) {
            endOfInput(sink);
        }
        if (gone) {
            sink.closed(end());
        } else {
            stream.autoRead(true);
        }
    }

    @Override
    public void content(ByteBuf bytes) {
        if (reset || gone) {
            bytes.release();
        } else if (sink != null) {
            capsules.read(bytes);
        } else {
            if (earlyContent == null) {
                earlyContent = stream.alloc().compositeBuffer(Integer.MAX_VALUE);
            }
            earlyContent.addComponent(true, bytes);
        }
    }

    /// Before the answer it reads on while little has come, so that a client that gives up is
    /// noticed; then the peer's flow control holds the rest back.
    @Override
    public void readComplete() {
        if (sink == null
                && !inputEnded
                && (earlyContent == null || earlyContent.readableBytes() < MAX_EARLY_BYTES)) {
            stream.read();
        }
    }

    @Override
    public void trailers() {
        reset(ResetCause.FRAME_UNEXPECTED);
    }

    @Override
    public Handling begin(long type, long length) {
        if (type == CapsuleType.DATAGRAM) {
            rules.trace().capsule(type, length);
            if (length <= rules.policy().maxDatagram()) {
                return Handling.GATHER;
            }
            losses.dropped(DropReason.TOO_LARGE);
            if (length <= HttpDatagram.MAX_LENGTH) {
                return Handling.SKIP; // RFC 9297, section 3.5.
            }
            // No UDP payload is that long: RFC 9298, section 5, has such streams aborted.
            reset(ResetCause.DATAGRAM_ERROR);
            return Handling.STOP;
        }
        var handling = rules.handling(type, length);
        if (handling == Handling.STOP) {
            reset(ResetCause.MESSAGE_ERROR);
        }
        return handling;
    }

    @Override
    public void whole(long type, ByteBuf value) {
        datagram(value);
    }

    @Override
    public void overBudget(long type) {
        losses.dropped(DropReason.CONGESTED);
    }

    @Override
    public void part(ByteBuf piece, boolean last) {
        if (sink == null) {
            piece.release();
        } else {
            sink.capsule(piece, last);
        }
    }

    /// An HTTP Datagram, from either way it travels.
    @Override
    public void datagram(ByteBuf datagram) {
        if (inputEnded || reset || gone) {
            drop(datagram, DropReason.NO_STREAM);
            return;
        }
        int start = datagram.readerIndex();
        long context = Varint.tryRead(datagram);
        if (context < 0) {
            drop(datagram, DropReason.MALFORMED);
        } else if (context != HttpDatagram.UDP_CONTEXT) {
            otherContext(datagram.readerIndex(start));
        } else if (datagram.readableBytes() > HttpDatagram.MAX_UDP_PAYLOAD) {
            // RFC 9298, section 5: no UDP packet can carry it, so the stream is aborted.
            datagram.release();
            reset(ResetCause.DATAGRAM_ERROR);
        } else if (sink != null) {
            sink.received(datagram);
        } else if (earlyDatagrams.size() < MAX_EARLY) {
            earlyDatagrams.add(datagram);
        } else {
            drop(datagram, DropReason.EARLY_OVERFLOW);
        }
    }

    private void otherContext(ByteBuf datagram) {
        if (sink == null) {
            // It cannot be known yet: contexts are opened by capsules, which come later.
            drop(datagram, DropReason.UNKNOWN_CONTEXT);
        } else {
            sink.datagram(datagram);
        }
    }

    private void drop(ByteBuf datagram, DropReason reason) {
        datagram.release();
        losses.dropped(reason);
    }

    @Override
    public void finished() {
        if (inputEnded || reset) {
            return;
        }
        inputEnded = true;
        if (sink != null) {
            endOfInput(sink);
        }
    }

    private void endOfInput(TunnelSink to) {
        if (capsules.isMidCapsule()) {
            // RFC 9297, section 3.3: a message that ends within a capsule is malformed.
            reset(ResetCause.MESSAGE_ERROR);
        } else {
            to.finished();
        }
    }

    @Override
    public void write(ByteBuf payload) {
        if (outputEnded || reset || gone) {
            // RFC 9297, section 2.1: no datagram once our side of the stream is closed.
            payload.release();
        } else if (quic != null && quic.isUsable()) {
            quic.send(payload);
        } else if (hasRoomForCapsule(payload)) {
            var out = pendingFor(payload);
            HttpDatagram.writeCapsuleHeader(out, payload.readableBytes());
            out.writeBytes(payload);
            payload.release();
        } else {
            drop(payload, DropReason.CONGESTED);
        }
    }

    @Override
    public void writeDatagram(ByteBuf datagram) {
        if (outputEnded || reset || gone) {
            datagram.release();
        } else if (quic != null && quic.isUsable()) {
            quic.sendDatagram(datagram);
        } else if (hasRoomForCapsule(datagram)) {
            var out = pendingFor(datagram);
            Varint.write(out, CapsuleType.DATAGRAM);
            Varint.write(out, datagram.readableBytes());
            out.writeBytes(datagram);
            datagram.release();
        } else {
            drop(datagram, DropReason.CONGESTED);
        }
    }

    private boolean hasRoomForCapsule(ByteBuf payload) {
        int waiting = pending == null ? 0 : pending.readableBytes();
        int limit = stream.isWritable() ? MAX_PENDING : MAX_BLOCKED;
        return !midCapsule && waiting + payload.readableBytes() <= limit;
    }

    private ByteBuf pendingFor(ByteBuf payload) {
        if (pending == null) {
            pending =
                    stream.alloc()
                            .directBuffer(
                                    Math.max(
                                            FIRST_PENDING,
                                            HttpDatagram.MAX_CAPSULE_HEADER
                                                    + payload.readableBytes()));
            queue();
        }
        return pending;
    }

    @Override
    public void writeCapsule(ByteBuf part, boolean last) {
        if (outputEnded || reset || gone) {
            part.release();
            return;
        }
        flush();
        midCapsule = !last;
        stream.write(part);
    }

    private void queue() {
        if (!queued) {
            queued = true;
            stream.endOfTurn().add(this);
        }
    }

    @Override
    public void endOfTurn() {
        queued = false;
        if (stream.isWritable()) {
            flush();
        }
    }

    private void flush() {
        var bytes = pending;
        if (bytes != null) {
            pending = null;
            stream.write(bytes);
        }
    }

    @Override
    public boolean isWritable() {
        boolean writable = stream.isWritable();
        toldToWait |= !writable;
        return writable;
    }

    @Override
    public void writabilityChanged() {
        if (stream.isWritable() && !reset && !gone) {
            flush();
        }
        if (toldToWait && stream.isWritable() && sink != null) {
            toldToWait = false;
            sink.writable();
        }
    }

    @Override
    public void pause() {
        stream.autoRead(false);
    }

    @Override
    public void resume() {
        stream.autoRead(true);
    }

    @Override
    public void finish() {
        if (midCapsule) {
            reset(ResetCause.CANCELLED); // FIN would come in the middle of a capsule.
        } else if (!outputEnded && !reset && !gone) {
            outputEnded = true;
            flush();
            stream.finish();
        }
    }

    @Override
    public void reset(ResetCause cause) {
        if (!reset && !gone) {
            reset = true;
            letGo();
            stream.reset(cause);
        }
    }

    @Override
    public void failed(MessageStream.Failure failure) {
        reset(failure.answer());
    }

    @Override
    public void closed() {
        if (gone) {
            return;
        }
        gone = true;
        letGo();
        if (sink != null) {
            sink.closed(end());
        }
    }

    @Override
    public void abandon() {
        gone = true;
        letGo();
    }

    private void letGo() {
        if (quic != null) {
            quic.close();
        }
        capsules.close();
        if (pending != null) {
            pending.release();
            pending = null;
        }
        if (earlyContent != null) {
            earlyContent.release();
            earlyContent = null;
        }
        for (var payload = earlyDatagrams.poll();
                payload != null;
                payload = earlyDatagrams.poll()) {
            payload.release();
        }
    }

    private StreamEnd end() {
        return inputEnded && outputEnded && !reset ? StreamEnd.FINISHED : StreamEnd.RESET;
    }
}
