package org.masquerelay.gate;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.observe.LogId;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.BaseSubscriber;

/// One request between the question and the decision.
///
/// The filters may end in any way on any thread; here that becomes exactly one decision on the
/// event loop. Whatever is not an admission refuses, and gives back the token the request came
/// with.
final class PendingDecision extends BaseSubscriber<Boolean> {
    private static final Logger LOG = LoggerFactory.getLogger(PendingDecision.class);

    private final EventLoop loop;
    private final LogId id;
    private final TunnelRequest tunnel;
    private final ConnectExchange request;
    private final Consumer<Decision> then;
    // Confined to the loop.
    private boolean decided;
    private @Nullable Future<?> deadline;

    PendingDecision(TunnelExchange exchange, ConnectExchange request, Consumer<Decision> then) {
        this.loop = exchange.eventLoop();
        this.id = exchange.id();
        this.tunnel = exchange.request();
        this.request = request;
        this.then = then;
    }

    void ask(ConnectSecurity security, Duration patience) {
        try {
            security.admits(request).subscribe(this);
        } catch (RuntimeException e) {
            failed(e);
        }
        if (!decided) {
            deadline = loop.schedule(this::giveUp, patience.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    protected void hookOnNext(Boolean admitted) {
        onLoop(admitted ? this::admit : this::refuse);
    }

    @Override
    protected void hookOnComplete() {
        onLoop(this::refuse);
    }

    @Override
    protected void hookOnError(Throwable failure) {
        onLoop(() -> failed(failure));
    }

    private void admit() {
        if (!decided) {
            decided();
            var tenant =
                    ConnectSecurity.admitted(request) instanceof TunnelAuthentication somebody
                            ? somebody.tenant()
                            : Optional.<Tenant>empty();
            then.accept(new Decision.Admitted(new Admission(tunnel, tenant, request.credential())));
        }
    }

    private void refuse() {
        if (!decided) {
            decided();
            giveBack();
            then.accept(new Decision.Refused(GateRefusals.of(request)));
        }
    }

    private void failed(Throwable failure) {
        if (decided) {
            LOG.atError()
                    .addKeyValue("tunnel.id", id.toString())
                    .log("A decision could not be carried out: {}", failure.getClass().getName());
        } else {
            // Its message could quote the request.
            LOG.atError()
                    .addKeyValue("tunnel.id", id.toString())
                    .log("A rule for tunnel requests failed: {}", failure.getClass().getName());
            decided();
            giveBack();
            var refusal = RefusalReason.INTERNAL.because("the request could not be judged");
            then.accept(new Decision.Refused(refusal));
        }
    }

    private void giveUp() {
        if (!decided) {
            LOG.atError()
                    .addKeyValue("tunnel.id", id.toString())
                    .log("A rule for tunnel requests did not decide in time");
            decided();
            cancel();
            giveBack();
            var refusal = RefusalReason.OVERLOADED.because("the request was not judged in time");
            then.accept(new Decision.Refused(refusal));
        }
    }

    private void decided() {
        decided = true;
        if (deadline != null) {
            deadline.cancel(false); // Or it would keep the request until then.
        }
    }

    private void giveBack() {
        request.credential().giveBack();
    }

    private void onLoop(Runnable decision) {
        if (loop.inEventLoop()) {
            decision.run();
            return;
        }
        try {
            loop.execute(decision);
        } catch (RejectedExecutionException _) {
            // The relay is gone, and the client with it.
            giveBack();
        }
    }
}
