package org.masquerelay.ingress.upstream;

import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.gate.Admission;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.ingress.fleet.FailureCause;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.fleet.Member;
import org.masquerelay.ingress.fleet.RetryReason;
import org.masquerelay.ingress.upstream.EgressPool.Outcome;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;

/// The way of one tunnel to an egress that serves it: which have been tried, and whether another
/// one may be. Nothing that the client has sent leaves this relay before an egress has said yes, so
/// another can be asked until then. Confined to the event loop of its pool.
public final class Route {
    private static final String RETRY_AFTER = "retry-after";
    private static final int SERVICE_UNAVAILABLE = 503;

    /// Seconds after which a client may find a place that another tunnel has left.
    private static final long SOON = 1;

    /// Seconds that a client is told to wait at most: an egress may be back earlier.
    private static final long MAX_RETRY_AFTER = 60;

    private final EgressPool pool;
    private final Admission admission;
    private final List<Member> tried = new ArrayList<>();
    private @Nullable Member member;
    private int retries;
    private boolean full;
    private boolean again;

    Route(EgressPool pool, Admission admission) {
        this.pool = pool;
        this.admission = admission;
    }

    private Fleet fleet() {
        return pool.fleet();
    }

    /// Finds an egress and room on a connection to it, and calls `then` exactly once, on the loop.
    public void lease(Consumer<Outcome> then) {
        var next = again ? Optional.ofNullable(member) : fleet().choose(admission.tenant(), tried);
        again = false;
        if (next.isEmpty()) {
            then.accept(new Outcome.Unavailable(nobody(), RetryReason.UNAVAILABLE));
            return;
        }
        member = next.get();
        if (!tried.contains(next.get())) {
            tried.add(next.get());
        }
        new Attempt(next.get(), then).start();
    }

    /// One egress.
    private final class Attempt {
        private final Member to;
        private final Consumer<Outcome> then;
        private Runnable cancel = () -> {};
        private @Nullable Future<?> patience;
        private boolean over;

        Attempt(Member to, Consumer<Outcome> then) {
            this.to = to;
            this.then = then;
        }

        void start() {
            to.enter();
            cancel = pool.connections(to).lease(admission, this::ended);
            if (!over && mayRetry()) {
                patience =
                        pool.loop()
                                .schedule(
                                        this::tooSlow,
                                        fleet().settings().patience().toMillis(),
                                        TimeUnit.MILLISECONDS);
            }
        }

        private void ended(Outcome outcome) {
            if (!end()) {
                if (outcome instanceof Outcome.Leased(var lease)) {
                    lease.release();
                }
                return;
            }
            switch (outcome) {
                case Outcome.Leased(var lease) -> {
                    lease.holding(to::leave);
                    then.accept(outcome);
                }
                case Outcome.Unavailable(var refusal, var why) -> {
                    to.leave();
                    full |= why == RetryReason.FULL;
                    if (mayRetry()) {
                        retry(why);
                    } else {
                        then.accept(new Outcome.Unavailable(last(refusal), why));
                    }
                }
            }
        }

        private void tooSlow() {
            if (mayRetry() && end()) {
                cancel.run();
                to.leave();
                retry(RetryReason.SLOW);
            }
        }

        private void retry(RetryReason why) {
            retried(why);
            lease(then);
        }

        private boolean end() {
            if (patience != null) {
                patience.cancel(false);
            }
            boolean first = !over;
            over = true;
            return first;
        }
    }

    private boolean mayRetry() {
        return retries < fleet().settings().retries() && fleet().hasOther(tried);
    }

    private void retried(RetryReason why) {
        retries++;
        fleet().retried(why);
    }

    /// The egress has answered: with a tunnel, or with a refusal that is about the tunnel.
    public void answered() {
        if (member != null) {
            fleet().answered(member);
        }
    }

    /// The egress has not answered in time.
    public void silent() {
        if (member != null) {
            fleet().failed(member, FailureCause.TIMEOUT);
        }
    }

    /// How long an egress may be silent before another one is asked; empty where there is none.
    public Optional<Duration> patience() {
        return mayRetry() ? Optional.of(fleet().settings().patience()) : Optional.empty();
    }

    /// The egress of `lease` did nothing for the tunnel, as its connection has failed.
    ///
    /// @return whether [#lease] may be called again
    public boolean retryAfter(Lease lease, Failure failure) {
        if (failure == Failure.NO_STREAM) {
            full = true;
        } else {
            lease.lost();
        }
        if (mayRetry()) {
            retried(failure == Failure.NO_STREAM ? RetryReason.FULL : RetryReason.LOST);
            return true;
        }
        if (lease.isReused() && retries == 0) {
            // The connection had died unnoticed: a new one may do.
            again = true;
            retried(RetryReason.LOST);
            return true;
        }
        return false;
    }

    /// The egress says that it does not take this tunnel now.
    ///
    /// @param forAll whether it takes no others either
    /// @param rest when to come back, if it says so
    /// @return whether [#lease] may be called again
    public boolean retryElsewhere(RetryReason why, boolean forAll, Optional<Duration> rest) {
        full |= why == RetryReason.FULL;
        if (member != null && forAll) {
            fleet().busy(member, why, rest);
        } else {
            answered();
        }
        if (mayRetry()) {
            retried(why);
            return true;
        }
        return false;
    }

    /// Something between here and the egress has answered in its place.
    ///
    /// @param served whether the egress may have done something for the tunnel
    /// @return whether [#lease] may be called again
    public boolean retryAfterGateway(boolean served) {
        if (member != null) {
            fleet().failed(member, FailureCause.GATEWAY);
        }
        if (!served && mayRetry()) {
            retried(RetryReason.UNAVAILABLE);
            return true;
        }
        return false;
    }

    /// What the client is told when the last egress has failed as `refusal` says. Of one egress it
    /// is that; of several, that none of them can.
    public Refusal last(Refusal refusal) {
        if (tried.size() > 1 || fleet().members().size() > 1) {
            return nobody();
        }
        return refusal.status() == SERVICE_UNAVAILABLE
                        && refusal.fields().first(RETRY_AFTER).isEmpty()
                ? refusal.with(RETRY_AFTER, Long.toString(SOON))
                : refusal;
    }

    private Refusal nobody() {
        var refusal =
                full
                        ? RefusalReason.UPSTREAM_FULL.because("all next hops are full")
                        : RefusalReason.UPSTREAM_UNAVAILABLE.because("no next hop takes tunnels");
        return refusal.with(RETRY_AFTER, Long.toString(full ? SOON : retryAfterSeconds()));
    }

    /// RFC 9110, section 10.2.3.
    private long retryAfterSeconds() {
        long seconds = fleet().nextTry().map(left -> left.plusMillis(999).toSeconds()).orElse(SOON);
        return Math.clamp(seconds, SOON, MAX_RETRY_AFTER);
    }
}
