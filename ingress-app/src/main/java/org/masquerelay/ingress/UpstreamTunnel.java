package org.masquerelay.ingress;

import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.masquerelay.gate.Admission;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.http.TunnelAnswer;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.ingress.upstream.EgressPool;
import org.masquerelay.ingress.upstream.EgressPool.Outcome;
import org.masquerelay.ingress.upstream.Lease;
import org.masquerelay.splice.OpenTunnels;
import org.masquerelay.splice.TunnelTimes;
import org.masquerelay.tenant.TenantWriter;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.ProxyStatusMember;

/// One admitted tunnel on its way to the egress: lease, ask, answer the client, splice. Confined to
/// the client's loop.
final class UpstreamTunnel {
    /// Until the egress has answered: it resolves and dials meanwhile, each with its own shorter
    /// timeout.
    private static final long ANSWER_TIMEOUT_SECONDS = 90;

    /// Errors with which an egress says that it did nothing for the request.
    private static final Set<String> UNTOUCHED =
            Set.of("proxy_internal_error", "connection_limit_reached");

    /// The tenant has as many tunnels at the egress as it may (RFC 6585, section 4): nothing was
    /// done.
    private static final int TOO_MANY_REQUESTS = 429;

    private final EgressPool pool;
    private final Chain chain;
    private final TenantWriter tenants;
    private final OpenTunnels tunnels;
    private final TunnelExchange exchange;
    private final Admission admission;
    private boolean retried;

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
    }

    void start() {
        pool.lease(
                admission,
                outcome -> {
                    switch (outcome) {
                        case Outcome.Leased(var lease) -> ask(lease);
                        case Outcome.Unavailable(var refusal) -> giveUp(refusal);
                    }
                });
    }

    private void ask(Lease lease) {
        if (exchange.isAbandoned()) {
            lease.release();
            admission.giveBack();
            exchange.abandon();
            return;
        }
        var answer = new Answer(lease);
        exchange.whenAbandoned(answer::abandoned);
        var fields = chain.toEgress(exchange.request());
        answer.cancel =
                lease.open(tenants.write(fields, exchange.request(), admission.tenant()), answer);
    }

    private void giveUp(Refusal refusal) {
        admission.giveBack();
        exchange.refuse(refusal);
    }

    /// Waits for the egress's answer.
    private final class Answer implements TunnelAnswer {
        private final Lease lease;
        private final Future<?> timeout;
        private Runnable cancel = () -> {};
        private boolean over;

        Answer(Lease lease) {
            this.lease = lease;
            this.timeout =
                    exchange.eventLoop()
                            .schedule(this::tooLong, ANSWER_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public void opened(TunnelStream upstream, HeaderFields fields) {
            if (finish()) {
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
                        TunnelTimes.idle(pool.idleTime(admission.request().kind())),
                        _ -> lease.release());
            } else {
                upstream.reset(ResetCause.CANCELLED);
            }
        }

        @Override
        public void refused(int status, HeaderFields fields) {
            if (finish()) {
                lease.release();
                var refusal = chain.relayed(status, fields);
                if (status == TOO_MANY_REQUESTS || isUntouched(refusal)) {
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
                lease.release();
                if (failure == Failure.RESET || failure == Failure.TIMEOUT) {
                    admission.spend(); // The egress may have acted on it.
                    exchange.refuse(EgressPool.refusal(failure));
                } else if (lease.isReused() && !retried) {
                    // The connection had died unnoticed: nothing was done yet, so a new one may
                    // try.
                    retried = true;
                    lease.retireConnection();
                    start();
                } else {
                    giveUp(EgressPool.refusal(failure));
                }
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
            boolean first = !over;
            over = true;
            return first;
        }
    }

    private static boolean isUntouched(Refusal.Relayed refusal) {
        return refusal.prior().stream()
                .map(ProxyStatusMember::error)
                .flatMap(Optional::stream)
                .anyMatch(UNTOUCHED::contains);
    }
}
