package org.masquerelay.egress.limit;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.DropReason;
import org.masquerelay.observe.Losses;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// One end of a tunnel, of which no more is delivered than its meters allow: datagrams beyond that
/// are dropped and counted; of a stream nothing is read until it may go on, so that the peer's flow
/// control slows the sender.
///
/// Confined to the event loop of the tunnel.
final class MeteredStream implements TunnelStream {
    private final TunnelStream stream;
    private final TunnelKind kind;
    private final Meters meters;
    private final EventExecutor loop;
    private final Ticker ticker;
    private final Losses losses;
    private @Nullable Future<?> waiting;
    private long goOnAt;
    private boolean paused;
    private boolean closed;

    MeteredStream(
            TunnelStream stream,
            TunnelKind kind,
            Meters meters,
            EventExecutor loop,
            Ticker ticker,
            Losses losses) {
        this.stream = stream;
        this.kind = kind;
        this.meters = meters;
        this.loop = loop;
        this.ticker = ticker;
        this.losses = losses;
    }

    @Override
    public void attach(TunnelSink sink) {
        stream.attach(new MeteredSink(sink));
    }

    private final class MeteredSink implements TunnelSink {
        private final TunnelSink sink;

        MeteredSink(TunnelSink sink) {
            this.sink = sink;
        }

        @Override
        public void received(ByteBuf payload) {
            if (!kind.isDatagrams()) {
                int length = payload.readableBytes();
                sink.received(payload);
                charge(length);
            } else if (passes(payload)) {
                sink.received(payload);
            }
        }

        @Override
        public void datagram(ByteBuf datagram) {
            if (passes(datagram)) {
                sink.datagram(datagram);
            }
        }

        @Override
        public void capsule(ByteBuf part, boolean last) {
            sink.capsule(part, last); // Bounded by its own limits; the target's end skips it.
        }

        @Override
        public void finished() {
            sink.finished();
        }

        @Override
        public void writable() {
            sink.writable();
        }

        @Override
        public void violated(ResetCause cause) {
            sink.violated(cause);
        }

        @Override
        public void closed(StreamEnd end) {
            closed = true;
            if (waiting != null) {
                waiting.cancel(false);
                waiting = null;
            }
            sink.closed(end);
        }
    }

    private boolean passes(ByteBuf datagram) {
        if (meters.pass(datagram.readableBytes(), ticker.nanoTime())) {
            return true;
        }
        datagram.release();
        losses.dropped(DropReason.RATE_LIMITED);
        return false;
    }

    // What the tenant's other tunnels have taken before is part of the wait, so these take turns.
    private void charge(int length) {
        if (closed) {
            return; // By what became of these bytes: the tenant's meters may be forgotten already.
        }
        long now = ticker.nanoTime();
        long wait = meters.stream(length, now);
        if (wait > 0) {
            goOnAt = now + wait;
            if (waiting == null) {
                stream.pause();
                await(wait);
            }
        }
    }

    private void await(long nanos) {
        waiting = loop.schedule(this::goOn, nanos, TimeUnit.NANOSECONDS);
    }

    private void goOn() {
        long left = goOnAt - ticker.nanoTime();
        if (left > 0) {
            await(left); // More came after pausing.
            return;
        }
        waiting = null;
        if (!paused) {
            stream.resume();
        }
    }

    @Override
    public void pause() {
        paused = true;
        stream.pause();
    }

    @Override
    public void resume() {
        paused = false;
        if (waiting == null) {
            stream.resume();
        }
    }

    @Override
    public boolean isHeldBack() {
        return waiting != null || stream.isHeldBack();
    }

    @Override
    public void write(ByteBuf payload) {
        stream.write(payload);
    }

    @Override
    public void writeDatagram(ByteBuf datagram) {
        stream.writeDatagram(datagram);
    }

    @Override
    public void writeCapsule(ByteBuf part, boolean last) {
        stream.writeCapsule(part, last);
    }

    @Override
    public boolean isWritable() {
        return stream.isWritable();
    }

    @Override
    public void finish() {
        stream.finish();
    }

    @Override
    public void reset(ResetCause cause) {
        stream.reset(cause);
    }
}
