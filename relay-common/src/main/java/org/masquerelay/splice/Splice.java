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
/// has finished, that is the time the target has to go on, if nothing holds it back. Confined to
/// the event loop of both ends.
public final class Splice {
    /// The idle time is noticed this much late at most, in exchange for no clock reading per
    /// datagram.
    private static final int CHECKS_PER_IDLE_TIME = 4;

    private final TunnelKind kind;
    private final Half client;
    private final Half target;
    private final EventExecutor loop;
    private final TunnelTimes times;
    private final Consumer<Passed> ended;
    private @Nullable Future<?> idleCheck;
    private boolean active;
    private boolean ending;
    private long idleChecks;
    private boolean held;
    private int open = 2;

    private Splice(
            TunnelKind kind,
            TunnelStream client,
            TunnelStream target,
            Traffic traffic,
            EventExecutor loop,
            TunnelTimes times,
            Consumer<Passed> ended) {
        this.kind = kind;
        this.client = new Half(client, target, traffic.in(), traffic.datagramsIn());
        this.target = new Half(target, client, traffic.out(), traffic.datagramsOut());
        this.loop = loop;
        this.times = times;
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
            Consumer<Passed> ended) {
        var splice = new Splice(kind, client, target, traffic, loop, times, ended);
        splice.watch(times.idle());
        client.attach(splice.client);
        target.attach(splice.target);
    }

    /// From now on, so much silence ends the tunnel.
    private void watch(Duration silence) {
        if (idleCheck != null) {
            idleCheck.cancel(false);
        }
        active = false;
        idleChecks = 0;
        if (silence.isPositive()) {
            long period = silence.toNanos() / CHECKS_PER_IDLE_TIME;
            idleCheck =
                    loop.scheduleAtFixedRate(this::checkIdle, period, period, TimeUnit.NANOSECONDS);
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

    private void endClosed() {
        if (--open == 0) {
            if (idleCheck != null) {
                idleCheck.cancel(false);
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
            (this == client ? target : client).resume();
        }

        @Override
        public void violated(ResetCause cause) {
            to.reset(cause);
        }

        @Override
        public void closed(StreamEnd end) {
            try {
                if (end == StreamEnd.RESET) {
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
