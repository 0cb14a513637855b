package org.masquerelay.ingress;

import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.masquerelay.gate.Admission;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.http.TunnelAnswer;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.ingress.fleet.RetryReason;
import org.masquerelay.ingress.upstream.EgressPool;
import org.masquerelay.ingress.upstream.EgressPool.Outcome;
import org.masquerelay.ingress.upstream.Lease;
import org.masquerelay.ingress.upstream.Route;
import org.masquerelay.splice.OpenTunnels;
import org.masquerelay.tenant.TenantWriter;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.Full;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.BareItem;
import org.masquerelay.wire.ProxyStatusMember;

/// One admitted tunnel on its way to the egress: lease, ask, answer the client, splice. Confined to
/// the client's loop.
final class UpstreamTunnel {
    /// Until the egress has answered: it resolves and dials meanwhile, each with its own shorter
    /// timeout.
    private static final long ANSWER_TIMEOUT_SECONDS = 90;

    /// Errors with which an egress says that it did nothing for the request.
    private static final Set<String> UNTOUCHED =
            Set.of("proxy_internal_error", "destination_unavailable", "connection_limit_reached");

    private static final int BAD_GATEWAY = 502;
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final int GATEWAY_TIMEOUT = 504;

    /// The tenant has as many tunnels at the egress as it may (RFC 6585, section 4): nothing was
    /// done.
    private static final int TOO_MANY_REQUESTS = 429;

    private final EgressPool pool;
    private final Chain chain;
    private final TenantWriter tenants;
    private final OpenTunnels tunnels;
    private final TunnelExchange exchange;
    private final Admission admission;
    private final Route route;

    UpstreamTunnel(
            EgressPool pool,
            Chain chain,
            TenantWriter tenants,
            OpenTunnels tunnels,
            TunnelExchange exchange,
            Admission admission) {
        this.pool = pool;
        this.chain = chain;
        this.tenants = tenants;
        this.tunnels = tunnels;
        this.exchange = exchange;
        this.admission = admission;
        this.route = pool.route(admission);
    }

    void start() {
        route.lease(outcome -> {
            switch (outcome) {
                case Outcome.Leased(var lease) -> ask(lease);
                case Outcome.Unavailable(var refusal, _) -> giveUp(refusal);
            }
        });
    }

    private void ask(Lease lease) {
        if (exchange.isAbandoned()) {
            lease.release();
            leave();
            return;
        }
        var answer = new Answer(lease);
        exchange.whenAbandoned(answer::abandoned);
        var fields = chain.toEgress(exchange.request());
        answer.cancel =
                lease.open(tenants.write(fields, exchange.request(), admission.tenant()), answer);
    }

    private void leave() {
        admission.giveBack();
        exchange.abandon();
    }

    private void giveUp(Refusal refusal) {
        admission.giveBack();
        exchange.refuse(refusal);
    }

    /// Another egress, unless the client has gone meanwhile.
    private void again() {
        if (exchange.isAbandoned()) {
            leave();
        } else {
            start();
        }
    }

    /// Waits for the egress's answer.
    private final class Answer implements TunnelAnswer {
        private final Lease lease;
        private final Future<?> timeout;
        private final Optional<Future<?>> doubt;
        private Runnable cancel = () -> {};
        private boolean over;

        Answer(Lease lease) {
            this.lease = lease;
            this.timeout =
                    exchange.eventLoop()
                            .schedule(this::tooLong, ANSWER_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            this.doubt =
                    route.patience()
                            .map(patience -> Math.max(1, patience.toMillis() / 2))
                            .map(half ->
                                    exchange.eventLoop()
                                            .schedule(
                                                    () -> lease.listen(half, alive -> heard(alive)),
                                                    half,
                                                    TimeUnit.MILLISECONDS));
        }

        /// An egress may take its time to resolve and to dial, but it acknowledges what it gets.
        /// One that is silent has gone without a word; its connection takes no more tunnels, and
        /// those it has wait for it until it is idle.
        private void heard(boolean alive) {
            if (!alive && !over) {
                cancel.run();
                failed(Failure.TERMINATED);
            }
        }

        @Override
        public void opened(TunnelStream upstream, HeaderFields fields) {
            if (finish()) {
                route.answered();
                admission.spend();
                if (exchange.isAbandoned()) {
                    lease.release();
                    upstream.reset(ResetCause.CANCELLED);
                    exchange.abandon();
                    return;
                }
                tunnels.join(
                        admission.request(),
                        exchange.eventLoop(),
                        () -> exchange.accept(chain.toClient(admission.request().kind(), fields)),
                        upstream,
                        pool.times(admission.request().kind()),
                        _ -> lease.release());
            } else {
                upstream.reset(ResetCause.CANCELLED);
            }
        }

        @Override
        public void refused(int status, HeaderFields fields) {
            if (finish()) {
                lease.release();
                refused(chain.relayed(status, fields));
            }
        }

        private void refused(Refusal.Relayed refusal) {
            if (refusal.prior().isEmpty() && isOfAGateway(refusal.status())) {
                boolean served = refusal.status() != SERVICE_UNAVAILABLE;
                if (route.retryAfterGateway(served)) {
                    again();
                } else if (served) {
                    admission.spend();
                    exchange.refuse(refusal);
                } else {
                    giveUp(route.last(refusal));
                }
            } else if (refusal.status() == SERVICE_UNAVAILABLE && isUntouched(refusal)) {
                if (route.retryElsewhere(why(refusal), isForAll(refusal), rest(refusal))) {
                    again();
                } else {
                    giveUp(route.last(refusal));
                }
            } else {
                route.answered();
                if (refusal.status() == TOO_MANY_REQUESTS || isUntouched(refusal)) {
                    admission.giveBack();
                } else {
                    admission.spend();
                }
                exchange.refuse(refusal);
            }
        }

        @Override
        public void failed(Failure failure) {
            if (finish()) {
                switch (failure) {
                    case RESET, PROTOCOL -> {
                        route.answered(); // Badly.
                        mayHaveActed(failure);
                    }
                    case TIMEOUT -> {
                        route.silent();
                        mayHaveActed(failure);
                    }
                    case UNSENT, NO_CREDENTIALS -> {
                        // About this request alone, which another egress could not get either.
                        lease.release();
                        giveUp(EgressPool.refusal(failure));
                    }
                    case UNREACHABLE, TLS, TERMINATED, NO_STREAM -> unasked(failure);
                }
            }
        }

        private void mayHaveActed(Failure failure) {
            lease.release();
            admission.spend();
            exchange.refuse(EgressPool.refusal(failure));
        }

        private void unasked(Failure failure) {
            boolean again = route.retryAfter(lease, failure);
            // Not before: whoever waits for room would get the connection that is lost.
            lease.release();
            if (again) {
                again();
            } else {
                giveUp(route.last(EgressPool.refusal(failure)));
            }
        }

        private void abandoned() {
            if (finish()) {
                cancel.run();
                lease.release();
                admission.spend(); // The egress may have acted on it.
                exchange.abandon();
            }
        }

        private void tooLong() {
            cancel.run();
            failed(Failure.TIMEOUT);
        }

        private boolean finish() {
            timeout.cancel(false);
            doubt.ifPresent(timer -> timer.cancel(false));
            boolean first = !over;
            over = true;
            return first;
        }
    }

    /// Relays say in Proxy-Status what has failed; a balancer before them does not.
    private static boolean isOfAGateway(int status) {
        return status == BAD_GATEWAY || status == SERVICE_UNAVAILABLE || status == GATEWAY_TIMEOUT;
    }

    private static boolean isUntouched(Refusal.Relayed refusal) {
        return errors(refusal).anyMatch(UNTOUCHED::contains);
    }

    private static Stream<String> errors(Refusal.Relayed refusal) {
        return refusal.prior().stream().map(ProxyStatusMember::error).flatMap(Optional::stream);
    }

    private static RetryReason why(Refusal.Relayed refusal) {
        // What is overloaded is full, too.
        return says(refusal, Drain.DETAILS) ? RetryReason.DRAINING : RetryReason.FULL;
    }

    /// Whether it is about all tunnels, and not about those of one connection, tenant or target.
    private static boolean isForAll(Refusal.Relayed refusal) {
        return says(refusal, Drain.DETAILS) || says(refusal, Full.DETAILS);
    }

    private static boolean says(Refusal.Relayed refusal, String details) {
        return refusal.prior().stream()
                .map(member -> member.parameters().get("details"))
                .anyMatch(new BareItem.Text(details)::equals);
    }

    private static Optional<Duration> rest(Refusal.Relayed refusal) {
        return refusal.fields().first("retry-after").map(Long::parseLong).map(Duration::ofSeconds);
    }
}
