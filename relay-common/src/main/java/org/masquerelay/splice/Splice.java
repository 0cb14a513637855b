package org.masquerelay.splice;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.Passed;
import org.masquerelay.observe.Traffic;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// Joins the two ends of a tunnel until both are gone.
///
/// Bytes wait when the other side takes no more; FIN travels as FIN and reset as reset. Datagrams
/// never wait. A tunnel through which nothing passes for the idle time is ended; once the client
/// has finished, that is the time the target has to go on, if nothing holds it back.
///
/// A tunnel whose client has finished survives the connection of its client for a while, since what
/// came from the closed side is to be sent on, and what would go there is discarded (RFC 9110,
/// section 9.3.6). The target still gets the close that an error of the connection asks for (RFC
/// 9114, section 4.4; RFC 9113, section 8.5): a FIN behind all that it was sent, or a reset when it
/// takes too long. A client that has not finished, or that has reset its stream, resets the target
/// at once.
///
/// Confined to the event loop of both ends.
public final class Splice {
    /// The idle time is noticed this much late at most, in exchange for no clock reading per
    /// datagram.
    private static final int CHECKS_PER_IDLE_TIME = 4;

    /// Bytes of a target that are read and dropped once their reader is lost. Unread they would
    /// keep the target from reading what still goes out, and closed upon they would make the kernel
    /// send a reset that overtakes it (as with RFC 9112, section 9.6); but nobody wants them, and a
    /// target with more to say than this talks to nobody.
    private static final int MAX_DISCARDED = 1024 * 1024;

    private final TunnelKind kind;
    private final Half client;
    private final Half target;
    private final EventExecutor loop;
    private final TunnelTimes times;
    private final Lingering lingering;
    private final Consumer<Passed> ended;
    private @Nullable Future<?> timer;
    private boolean active;
    private boolean ending;
    private long idleChecks;
    private boolean held;
    private boolean lingers;
    private int discarded;
    private int open = 2;

    private Splice(
            TunnelKind kind,
            TunnelStream client,
            TunnelStream target,
            Traffic traffic,
            EventExecutor loop,
            TunnelTimes times,
            Lingering lingering,
            Consumer<Passed> ended) {
        this.kind = kind;
        this.client = new Half(client, target, traffic.in(), traffic.datagramsIn());
        this.target = new Half(target, client, traffic.out(), traffic.datagramsOut());
        this.loop = loop;
        this.times = times;
        this.lingering = lingering;
        this.ended = ended;
    }

    /// Joins `client` and `target`, and calls `ended` with what has passed once both are gone.
    public static void join(
            TunnelKind kind,
            TunnelStream client,
            TunnelStream target,
            Traffic traffic,
            EventExecutor loop,
            TunnelTimes times,
            Lingering lingering,
            Consumer<Passed> ended) {
        var splice = new Splice(kind, client, target, traffic, loop, times, lingering, ended);
        splice.watch(times.idle());
        client.attach(splice.client);
        target.attach(splice.target);
    }

    /// From now on, so much silence ends the tunnel.
    private void watch(Duration silence) {
        stopTimer();
        active = false;
        idleChecks = 0;
        if (silence.isPositive()) {
            long period = silence.toNanos() / CHECKS_PER_IDLE_TIME;
            timer = loop.scheduleAtFixedRate(this::checkIdle, period, period, TimeUnit.NANOSECONDS);
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void checkIdle() {
        // The silence of a target that may not go on says nothing of it: the idle time counts then.
        boolean isHeld = client.isFinished && target.isHeldBack();
        idleChecks = active || isHeld != held ? 0 : idleChecks + 1;
        held = isHeld;
        active = false;
        if (idleChecks
                >= (held ? times.checksWhileHeld(CHECKS_PER_IDLE_TIME) : CHECKS_PER_IDLE_TIME)) {
            idleChecks = 0;
            end();
        }
    }

    private void end() {
        if (kind.isDatagrams() && !ending) {
            // A client that does not finish in turn is cut off one idle time later.
            ending = true;
            client.from.finish();
            target.from.finish();
        } else {
            client.from.reset(ResetCause.CONNECT_ERROR);
            target.from.reset(ResetCause.CONNECT_ERROR);
        }
    }

    /// The connection of the client is lost, or the target gone as well.
    private boolean mayLinger() {
        return kind == TunnelKind.TCP
                && client.isFinished
                && open == 2
                && times.drain().isPositive()
                && lingering.enter(this);
    }

    private void linger() {
        lingers = true;
        // From here on the silence of the target says nothing: this is all the time it has.
        stopTimer();
        timer = loop.schedule(this::resetTarget, times.drain().toNanos(), TimeUnit.NANOSECONDS);
        target.resume();
    }

    /// Discards what the target of a client that is lost sends; consumed.
    private void discard(ByteBuf bytes) {
        discarded += bytes.readableBytes();
        bytes.release();
        if (discarded > MAX_DISCARDED) {
            resetTarget();
        }
    }

    private void resetTarget() {
        target.from.reset(ResetCause.CONNECT_ERROR);
    }

    /// Ends it before its time. Called by any thread.
    void endLingering() {
        loop.execute(this::resetTarget);
    }

    private void endClosed() {
        if (--open == 0) {
            stopTimer();
            if (lingers) {
                lingering.leave(this);
            }
            ended.accept(
                    new Passed(client.bytes, target.bytes, client.datagrams, target.datagrams));
        }
    }

    /// One direction: what arrives at `from` goes to `to`.
    private final class Half implements TunnelSink {
        private final TunnelStream from;
        private final TunnelStream to;
        private final LongAdder bytesOfAll;
        private final LongAdder datagramsOfAll;
        private long bytes;
        private long datagrams;
        private boolean isFinished;
        private boolean isPaused;

        Half(TunnelStream from, TunnelStream to, LongAdder bytes, LongAdder datagrams) {
            this.from = from;
            this.to = to;
            this.bytesOfAll = bytes;
            this.datagramsOfAll = datagrams;
        }

        /// Whether what `from` has sent, or would send, waits for the other side or for a limit.
        boolean isHeldBack() {
            return isFinished || isPaused || from.isHeldBack();
        }

        @Override
        public void received(ByteBuf payload) {
            if (lingers) {
                discard(payload);
                return;
            }
            active = true;
            count(payload.readableBytes());
            to.write(payload);
            if (kind == TunnelKind.TCP && !to.isWritable()) {
                pause();
            }
        }

        private void count(int length) {
            bytes += length;
            bytesOfAll.add(length);
            if (kind.isDatagrams()) {
                datagrams++;
                datagramsOfAll.increment();
            }
        }

        private void pause() {
            isPaused = true;
            from.pause();
        }

        private void resume() {
            isPaused = false;
            from.resume();
        }

        @Override
        public void datagram(ByteBuf datagram) {
            active = true;
            count(datagram.readableBytes());
            to.writeDatagram(datagram);
        }

        @Override
        public void capsule(ByteBuf part, boolean last) {
            if (lingers) {
                discard(part);
                return;
            }
            to.writeCapsule(part, last);
            if (!to.isWritable()) {
                pause();
            }
        }

        @Override
        public void finished() {
            isFinished = true;
            to.finish();
            if (kind.isDatagrams()) {
                // Datagrams have no half-close: a client that is done ends the tunnel.
                from.finish();
            } else if (this == client) {
                watch(times.halfClosed());
            }
        }

        @Override
        public void writable() {
            if (!lingers) {
                (this == client ? target : client).resume();
            }
        }

        @Override
        public void violated(ResetCause cause) {
            to.reset(cause);
        }

        @Override
        public void closed(StreamEnd end) {
            try {
                if (end == StreamEnd.LOST && this == client && mayLinger()) {
                    linger();
                } else if (end != StreamEnd.FINISHED) {
                    to.reset(ResetCause.CONNECT_ERROR);
                } else if (kind.isDatagrams()) {
                    to.finish();
                }
            } finally {
                endClosed();
            }
        }
    }
}
