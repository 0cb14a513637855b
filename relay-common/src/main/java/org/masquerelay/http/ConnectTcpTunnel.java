package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.masquerelay.capsule.CapsuleReader;
import org.masquerelay.capsule.CapsuleReader.Handling;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.wire.Varint;

/// A TCP tunnel whose bytes travel in DATA capsules and whose FIN is a FINAL_DATA capsule
/// (draft-ietf-httpbis-connect-tcp), so that it has a half-close on every HTTP version.
///
/// The boundaries of capsules mean nothing: bytes are handed on before their capsule is whole, and
/// what is sent in a turn is one capsule.
final class ConnectTcpTunnel extends ByteTunnel implements CapsuleReader.Sink {
    private static final int MAX_HEADER = 16;

    private final ConnectTcp.Form form;
    private final CapsuleRules rules;
    private final CapsuleReader capsules;
    private @Nullable TunnelSink sink;
    private Capsule reading = Capsule.OTHER;
    private boolean finalRead;
    private boolean sendingCapsule;
    private boolean finishSent;

    private enum Capsule {
        DATA,
        FINAL_DATA,
        OTHER
    }

    ConnectTcpTunnel(MessageStream stream, ConnectTcp.Form form, CapsuleRules rules) {
        super(stream);
        this.form = form;
        this.rules = rules;
        this.capsules = new CapsuleReader(stream.alloc(), rules.budget(), this);
    }

    @Override
    void arrived(TunnelSink to, ByteBuf bytes) {
        sink = to;
        capsules.read(bytes);
    }

    @Override
    public Handling begin(long type, long length) {
        if (type == form.data() || type == form.finalData()) {
            if (finalRead) {
                reset(ResetCause.MESSAGE_ERROR);
                return Handling.STOP;
            }
            finalRead = type == form.finalData();
            reading = finalRead ? Capsule.FINAL_DATA : Capsule.DATA;
            return Handling.STREAM;
        }
        reading = Capsule.OTHER;
        var handling = rules.handling(type, length);
        if (handling == Handling.STOP) {
            reset(ResetCause.MESSAGE_ERROR);
        }
        return handling;
    }

    @Override
    public void part(ByteBuf piece, boolean last) {
        var to = sink;
        if (to == null || isOver()) {
            piece.release();
            return;
        }
        if (reading == Capsule.OTHER) {
            to.capsule(piece, last);
            return;
        }
        if (piece.isReadable()) {
            to.received(piece);
        } else {
            piece.release();
        }
        if (last && reading == Capsule.FINAL_DATA) {
            inputFinished(to);
            finishStream();
        }
    }

    @Override
    public void whole(long type, ByteBuf value) {
        value.release();
    }

    @Override
    public void overBudget(long type) {}

    @Override
    void streamFinished(TunnelSink to) {
        if (!isInputEnded()) {
            // What ends without FINAL_DATA was cut off.
            reset(capsules.isMidCapsule() ? ResetCause.MESSAGE_ERROR : ResetCause.CONNECT_ERROR);
        }
    }

    @Override
    boolean maySend() {
        return !sendingCapsule;
    }

    @Override
    void send(ByteBuf bytes) {
        stream.write(header(form.data(), bytes.readableBytes()));
        stream.write(bytes);
    }

    private ByteBuf header(long type, int length) {
        var header = stream.alloc().directBuffer(MAX_HEADER);
        Varint.write(header, type);
        Varint.write(header, length);
        return header;
    }

    @Override
    public void writeCapsule(ByteBuf part, boolean last) {
        if (isOutputEnded() || isOver()) {
            part.release();
            return;
        }
        flush();
        sendingCapsule = !last;
        stream.write(part);
        if (last) {
            queue();
        }
    }

    @Override
    void finishOutput() {
        stream.write(header(form.finalData(), 0));
        finishStream();
    }

    /// On HTTP/1.1 closing our direction can take the other one with it, so it waits for both. Said
    /// once: a second FIN would fail, and reset the stream.
    private void finishStream() {
        boolean mayFinish = stream.version() != HttpVersion.H1 || isInputEnded();
        if (isOutputEnded() && mayFinish && !finishSent) {
            finishSent = true;
            stream.finish();
        }
    }

    @Override
    void letGo() {
        capsules.close();
        super.letGo();
    }
}
