package org.masquerelay.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// One end of a tunnel in memory: the test plays the peer and reads what was done to it.
public final class FakeTunnelStream implements TunnelStream {
    private final List<String> written = new ArrayList<>();
    private @Nullable TunnelSink sink;
    private @Nullable ResetCause reset;
    private boolean writable = true;
    private boolean paused;
    private boolean finished;

    @Override
    public void attach(TunnelSink to) {
        if (sink != null) {
            throw new IllegalStateException("stream: attached (expected: new)");
        }
        sink = to;
    }

    @Override
    public void write(ByteBuf payload) {
        written.add(payload.toString(StandardCharsets.UTF_8));
        payload.release();
    }

    @Override
    public void writeDatagram(ByteBuf datagram) {
        written.add("datagram " + ByteBufUtil.hexDump(datagram));
        datagram.release();
    }

    @Override
    public void writeCapsule(ByteBuf part, boolean last) {
        written.add((last ? "last part " : "part ") + ByteBufUtil.hexDump(part));
        part.release();
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
    }

    @Override
    public void finish() {
        finished = true;
    }

    @Override
    public void reset(ResetCause cause) {
        if (reset == null) {
            reset = cause;
        }
    }

    /// What the peer of this end does next is told to the sink.
    public TunnelSink peer() {
        var to = sink;
        if (to == null) {
            throw new IllegalStateException("stream: new (expected: attached)");
        }
        return to;
    }

    public void peerSends(String payload) {
        peer().received(Unpooled.copiedBuffer(payload, StandardCharsets.UTF_8));
    }

    /// The stream is gone in both directions.
    public void ends(StreamEnd end) {
        peer().closed(end);
    }

    public void fillUp() {
        writable = false;
    }

    public void drainAll() {
        writable = true;
        peer().writable();
    }

    public List<String> written() {
        return written;
    }

    public boolean isPaused() {
        return paused;
    }

    public boolean isFinished() {
        return finished;
    }

    /// Why it was reset, or null if it was not.
    public @Nullable ResetCause resetCause() {
        return reset;
    }
}
