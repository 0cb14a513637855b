package org.masquerelay.cli.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.bench.Measurement.Datagrams;
import org.masquerelay.cli.bench.Measurement.Quantiles;
import org.masquerelay.cli.bench.Outstanding.Tally;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// Keeps a window of datagrams under way to a target that echoes them: each echo is answered with
/// the next datagram, and one that does not come back in time counts as lost.
final class UdpLoad implements Workload {
    /// Far above the round trip through a full window, on a machine with nothing to spare.
    private static final long LOST_AFTER_NANOS = Duration.ofMillis(500).toNanos();

    private static final long CHECK_MILLIS = 20;

    /// Between one datagram and the next of a load that is not after speed.
    private static final long PACE_MILLIS = 2;

    private final EventLoop loop;
    private final boolean paced;
    private final List<Lane> lanes = new ArrayList<>();
    private final ByteBuf filler;
    private final RoundTrips roundTrips = new RoundTrips();
    private @Nullable Future<?> checks;
    private Tally before = Tally.ZERO;
    private Tally measured = Tally.ZERO;
    private Quantiles loaded = new Quantiles(0, 0);
    private int activePerLane;
    private int activeLanes;
    private long damaged;
    private boolean ended;

    UdpLoad(EventLoop loop, List<TunnelStream> tunnels, Plan plan) {
        this(loop, tunnels, plan, false);
    }

    /// One datagram every two milliseconds, as long as the one before has come back.
    static UdpLoad paced(EventLoop loop, TunnelStream tunnel, Plan plan) {
        return new UdpLoad(loop, List.of(tunnel), plan.calm(), true);
    }

    private UdpLoad(EventLoop loop, List<TunnelStream> tunnels, Plan plan, boolean paced) {
        this.loop = loop;
        this.paced = paced;
        byte[] bytes = new byte[plan.measured().payload()];
        new Random(bytes.length).nextBytes(bytes);
        filler = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
        activePerLane = plan.window() / tunnels.size();
        activeLanes = tunnels.size();
        for (var tunnel : tunnels) {
            lanes.add(new Lane(lanes.size(), tunnel, new Outstanding(activePerLane)));
        }
    }

    @Override
    public void start() {
        lanes.forEach(lane -> lane.tunnel.attach(lane));
        refill();
        long period = paced ? PACE_MILLIS : CHECK_MILLIS;
        checks = loop.scheduleAtFixedRate(this::refill, period, period, TimeUnit.MILLISECONDS);
    }

    @Override
    public long delivered() {
        return tally().echoed() * filler.readableBytes();
    }

    @Override
    public void measure() {
        roundTrips.clear();
        before = tally();
    }

    @Override
    public void calm() {
        measured = tally().since(before);
        loaded = roundTrips.quantiles();
        activePerLane = 1;
        activeLanes = 1;
    }

    @Override
    public void measureCalm() {
        roundTrips.clear();
    }

    /// Round trips since [#measureCalm()].
    Quantiles roundTrips() {
        return roundTrips.quantiles();
    }

    @Override
    public Datagrams datagrams() {
        return new Datagrams(
                measured.echoed(),
                measured.lost(),
                measured.late(),
                damaged,
                loaded,
                roundTrips.quantiles());
    }

    @Override
    public CompletableFuture<String> stop() {
        if (checks != null) {
            checks.cancel(false);
        }
        activeLanes = 0;
        boolean endedEarly = ended;
        lanes.forEach(lane -> lane.tunnel.reset(ResetCause.CANCELLED));
        return CompletableFuture.completedFuture(
                endedEarly ? "a tunnel ended during the measurement" : "");
    }

    private Tally tally() {
        return lanes.stream().map(lane -> lane.outstanding.tally()).reduce(Tally.ZERO, Tally::plus);
    }

    /// Sends in every slot that is free, and frees those whose datagram is lost.
    private void refill() {
        long now = System.nanoTime();
        for (var lane : lanes) {
            for (int slot = 0; slot < lane.outstanding.slots(); slot++) {
                if (lane.outstanding.isFree(slot, now - LOST_AFTER_NANOS) && lane.isActive(slot)) {
                    lane.send(slot, now);
                }
            }
        }
    }

    /// One tunnel.
    private final class Lane implements TunnelSink {
        private final int index;
        private final TunnelStream tunnel;
        private final Outstanding outstanding;

        Lane(int index, TunnelStream tunnel, Outstanding outstanding) {
            this.index = index;
            this.tunnel = tunnel;
            this.outstanding = outstanding;
        }

        boolean isActive(int slot) {
            return index < activeLanes && slot < activePerLane;
        }

        void send(int slot, long now) {
            var datagram = ByteBufAllocator.DEFAULT.directBuffer(filler.readableBytes());
            datagram.writeLong(outstanding.send(slot, now));
            datagram.writeBytes(filler, Long.BYTES, filler.readableBytes() - Long.BYTES);
            tunnel.write(datagram);
        }

        @Override
        public void received(ByteBuf echo) {
            long now = System.nanoTime();
            if (!isWhole(echo)) {
                damaged++;
                echo.release();
                return;
            }
            long sequence = echo.readLong();
            echo.release();
            long nanos = outstanding.echoed(sequence, now);
            if (nanos < 0) {
                return;
            }
            roundTrips.record(nanos);
            int slot = outstanding.slotOf(sequence);
            if (!paced && isActive(slot)) {
                send(slot, now);
            }
        }

        private boolean isWhole(ByteBuf echo) {
            int length = filler.readableBytes();
            return echo.readableBytes() == length
                    && ByteBufUtil.equals(
                            filler,
                            Long.BYTES,
                            echo,
                            echo.readerIndex() + Long.BYTES,
                            length - Long.BYTES);
        }

        @Override
        public void finished() {}

        @Override
        public void writable() {}

        @Override
        public void closed(StreamEnd end) {
            ended = true;
        }
    }
}
