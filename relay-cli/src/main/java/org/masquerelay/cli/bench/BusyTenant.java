package org.masquerelay.cli.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;

/// Sends twice the datagrams that its tenant may, at a steady rate, on a connection and an event
/// loop of its own.
final class BusyTenant implements Neighbour, TunnelSink, AutoCloseable {
    private static final int TIMES_THE_LIMIT = 2;

    /// A tick of the sender.
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final EventLoops loops;
    private final EventLoop loop;
    private final RelayedRoute route;
    private final TunnelStream tunnel;
    private final int payload;
    private final long perSecond;
    private @Nullable Future<?> timer;
    private long startedAt;
    private long sent;
    private long echoes;
    private boolean ended;

    private BusyTenant(EventLoops loops, RelayedRoute route, TunnelStream tunnel, Plan plan) {
        this.loops = loops;
        this.loop = loops.all().getFirst();
        this.route = route;
        this.tunnel = tunnel;
        this.payload = plan.measured().payload();
        this.perSecond = (long) TIMES_THE_LIMIT * plan.tenantRate();
    }

    /// Opens its tunnel; it sends nothing yet.
    static BusyTenant open(Plan plan) throws IOException {
        var loops = EventLoops.start(1);
        try {
            var route = Route.toIngress(plan, loops, Payment.password(Tenants.BUSY));
            var tunnel = route.open(TunnelKind.UDP, plan.endpoints().targets().echo());
            var busy = new BusyTenant(loops, route, tunnel, plan);
            busy.onLoop(() -> tunnel.attach(busy));
            return busy;
        } catch (IOException | RuntimeException e) {
            loops.close();
            throw e;
        }
    }

    @Override
    public void start() throws IOException {
        onLoop(() -> {
            startedAt = System.nanoTime();
            sent = 0;
            echoes = 0;
            timer = loop.scheduleAtFixedRate(this::send, 0, TICK_NANOS, TimeUnit.NANOSECONDS);
        });
    }

    private void send() {
        long due = (System.nanoTime() - startedAt) * perSecond / TimeUnit.SECONDS.toNanos(1);
        for (; sent < due; sent++) {
            tunnel.write(ByteBufAllocator.DEFAULT.directBuffer(payload).writeZero(payload));
        }
    }

    /// How many datagrams have come back.
    @Override
    public long stop() throws IOException {
        onLoop(() -> {
            if (timer != null) {
                timer.cancel(false);
            }
        });
        if (Futures.await(loop.submit(() -> ended), Route.TIMEOUT)) {
            throw new IOException("the tunnel of the busy tenant ended");
        }
        return Futures.await(loop.submit(() -> echoes), Route.TIMEOUT);
    }

    private void onLoop(Runnable step) throws IOException {
        Futures.await(loop.submit(step, true), Route.TIMEOUT);
    }

    @Override
    public void received(ByteBuf echo) {
        echoes++;
        echo.release();
    }

    @Override
    public void finished() {}

    @Override
    public void writable() {}

    @Override
    public void closed(StreamEnd end) {
        ended = true;
    }

    @Override
    public void close() {
        loop.execute(() -> tunnel.reset(ResetCause.CANCELLED));
        route.close();
        loops.close();
    }
}
