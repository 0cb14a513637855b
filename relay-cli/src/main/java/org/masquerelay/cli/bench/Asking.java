package org.masquerelay.cli.bench;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.http.TunnelAnswer;
import org.masquerelay.token.TokenType;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelStream;

/// Asks an ingress for tunnels at a steady rate and is refused every time, on a connection and an
/// event loop of its own.
///
/// A token that is spent costs the ingress the same verification as one that is not, and no tunnel:
/// what a running tunnel feels is the gate.
final class Asking implements Neighbour, AutoCloseable {
    /// Requests under way at a time. An ingress that falls behind so far is not asked for more, and
    /// the rate falls.
    private static final int MAX_UNDER_WAY = 64;

    private final EventLoops loops;
    private final EventLoop loop;
    private final RelayedRoute route;
    private final Plan plan;
    private final HeaderFields fields;
    private @Nullable Future<?> timer;
    private int underWay;
    private long refused;
    private String trouble = "";

    private Asking(EventLoops loops, RelayedRoute route, Plan plan, HeaderFields fields) {
        this.loops = loops;
        this.loop = loops.all().getFirst();
        this.route = route;
        this.plan = plan;
        this.fields = fields;
    }

    /// Without a token: each answer is a challenge.
    static Asking withNothing(Plan plan) throws IOException {
        var loops = EventLoops.start(1);
        try {
            var route = Route.toIngress(plan, loops, new Payment.Free());
            route.dial();
            return new Asking(loops, route, plan, HeaderFields.NONE);
        } catch (IOException | RuntimeException e) {
            loops.close();
            throw e;
        }
    }

    /// With a token that has opened a tunnel before.
    static Asking withSpent(TokenType type, Plan plan) throws IOException {
        var loops = EventLoops.start(1);
        try {
            var payment = Route.paymentTo(plan, type);
            var route = Route.toIngress(plan, loops, payment);
            var token = payment.next();
            var tunnel = route.open(TunnelKind.UDP, plan.endpoints().targets().echo(), token);
            loops.all().getFirst().execute(() -> tunnel.reset(ResetCause.CANCELLED));
            return new Asking(loops, route, plan, token);
        } catch (IOException | RuntimeException e) {
            loops.close();
            throw e;
        }
    }

    /// Asks [Plan#admissions] times a second until [#stop()].
    @Override
    public void start() throws IOException {
        long nanos = TimeUnit.SECONDS.toNanos(1) / plan.admissions();
        onLoop(() -> {
            refused = 0;
            timer = loop.scheduleAtFixedRate(this::ask, 0, nanos, TimeUnit.NANOSECONDS);
        });
    }

    /// How many answers have come since the start.
    ///
    /// @throws IOException when one of them was no refusal
    @Override
    public long stop() throws IOException {
        onLoop(() -> {
            if (timer != null) {
                timer.cancel(false);
            }
        });
        String wrong = Futures.await(loop.submit(() -> trouble), Route.TIMEOUT);
        if (!wrong.isEmpty()) {
            throw new IOException(wrong);
        }
        return Futures.await(loop.submit(() -> refused), Route.TIMEOUT);
    }

    private void onLoop(Runnable step) throws IOException {
        Futures.await(loop.submit(step, true), Route.TIMEOUT);
    }

    private void ask() {
        if (underWay < MAX_UNDER_WAY) {
            underWay++;
            route.ask(TunnelKind.UDP, plan.endpoints().targets().echo(), fields, new Refused());
        }
    }

    /// One answer, which has to be a challenge.
    private final class Refused implements TunnelAnswer {
        private static final int UNAUTHORIZED = 401;

        @Override
        public void opened(TunnelStream tunnel, HeaderFields answered) {
            underWay--;
            trouble = "the relay opened a tunnel for what it should refuse";
            tunnel.reset(ResetCause.CANCELLED);
        }

        @Override
        public void refused(int status, HeaderFields answered) {
            underWay--;
            refused++;
            if (status != UNAUTHORIZED) {
                trouble = "the relay answered " + status + " instead of a challenge";
            }
        }

        @Override
        public void failed(Failure failure) {
            underWay--;
            trouble = "no answer to a request: " + failure;
        }
    }

    @Override
    public void close() {
        route.close();
        loops.close();
    }
}
