package org.masquerelay.ingress;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.masquerelay.boot.ops.RunningRelay;
import org.masquerelay.gate.Admission;
import org.masquerelay.gate.Decision;
import org.masquerelay.gate.Gate;
import org.masquerelay.http.Front;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.http.Offer;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResource;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.http.PlainService;
import org.masquerelay.http.RelayDialer;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.http.TunnelService;
import org.masquerelay.ingress.directory.EgressDirectory;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.ingress.passthrough.Passthrough;
import org.masquerelay.ingress.passthrough.PassthroughSettings;
import org.masquerelay.ingress.upstream.EgressPool;
import org.masquerelay.ingress.upstream.UpstreamSettings;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.splice.OpenTunnels;
import org.masquerelay.tenant.TenantWriter;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.TargetDialer;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.RefusalReason;

/// The first hop, end to end: drain, gate, pool or passthrough, splice.
public final class IngressPipeline implements RunningRelay {
    private final EventLoops loops;
    private final Gate gate;
    private final Drain drain;
    private final OpenTunnels tunnels;
    private final PlainService plainRequests;
    private final TenantWriter tenants;
    private final IdentityHashMap<EventLoop, EgressPool> pools = new IdentityHashMap<>();
    private final List<Front> fronts = new ArrayList<>();
    private final RelayDialer dialer;
    private final Passthrough passthrough;
    private Runnable directory = () -> {};

    /// What the pipeline is made of.
    ///
    /// @param directory says which egresses there are
    /// @param fleet what is known of them; of this pipeline alone
    /// @param tenants tells the egress whom a tunnel is for
    /// @param plainRequests answers what is not a tunnel request; called on a virtual thread, may
    ///   block
    public record Parts(
            int eventLoops,
            List<FrontSettings> fronts,
            ListenerTls serverTls,
            EgressDirectory directory,
            Fleet fleet,
            UpstreamSettings upstream,
            Supplier<TlsMaterial> upstreamTls,
            PassthroughSettings passthrough,
            TenantWriter tenants,
            Gate gate,
            PlainResource plainRequests,
            Drain drain,
            TunnelListener listener) {}

    private IngressPipeline(Parts parts) {
        this.loops = EventLoops.start(parts.eventLoops());
        this.gate = parts.gate();
        this.drain = parts.drain();
        this.plainRequests = new PlainService(parts.plainRequests());
        this.tenants = parts.tenants();
        this.tunnels = new OpenTunnels(parts.listener(), Ticker.systemTicker());
        var connection = parts.upstream().connection();
        this.dialer =
                new RelayDialer(
                        new RelayDialer.Parts(
                                loops,
                                parts.upstreamTls(),
                                connection,
                                parts.upstream().capsules(),
                                parts.listener()));
        this.passthrough =
                new Passthrough(
                        parts.passthrough(),
                        parts.fleet(),
                        new TargetDialer(loops, parts.listener()));
        for (var loop : loops.all()) {
            pools.put(
                    loop,
                    new EgressPool(
                            loop,
                            parts.upstream(),
                            dialer,
                            parts.upstreamTls(),
                            parts.fleet(),
                            Ticker.systemTicker()));
        }
        parts.fleet().whenReplaced(this::follow);
    }

    /// Binds the listeners; an address that cannot be bound ends it with a
    /// [java.net.BindException].
    public static IngressPipeline start(Parts parts) throws IOException {
        var pipeline = new IngressPipeline(parts);
        try {
            pipeline.directory =
                    parts.directory()
                            .follow(pipeline.loops.all().getFirst(), parts.fleet()::replace);
            for (var front : parts.fronts()) {
                var opened =
                        Front.open(
                                pipeline.loops,
                                front,
                                parts.serverTls().of(front),
                                pipeline
                                .new Service(
                                        new Chain(
                                                front.identifier(),
                                                parts.upstream().exposeNextHop())),
                                parts.listener());
                pipeline.fronts.add(opened);
                parts.drain().serve(front.name(), opened::goAway);
            }
        } catch (IOException | RuntimeException failure) {
            pipeline.close();
            throw failure;
        }
        return pipeline;
    }

    private void follow() {
        pools.forEach((loop, pool) -> {
            if (!loop.isShuttingDown()) {
                loop.execute(pool::follow);
            }
        });
    }

    /// What every front hands its requests to.
    private final class Service implements TunnelService {
        private final Chain chain;

        Service(Chain chain) {
            this.chain = chain;
        }

        @Override
        public void open(TunnelExchange exchange) {
            if (drain.isDraining(exchange.request().peer().listener())) {
                exchange.refuse(RefusalReason.DRAINING.because(Drain.DETAILS));
                return;
            }
            if (chain.isTooLong(exchange.request())) {
                exchange.refuse(RefusalReason.HEADER_TOO_LARGE.because("Via is too long"));
                return;
            }
            if (chain.isLoop(exchange.request())) {
                exchange.refuse(RefusalReason.LOOP.because("the request has been here before"));
                return;
            }
            gate.decide(
                    exchange,
                    decision -> {
                        switch (decision) {
                            case Decision.Admitted(var admission) -> route(exchange, admission);
                            case Decision.Refused(var refusal) -> exchange.refuse(refusal);
                        }
                    });
        }

        private void route(TunnelExchange exchange, Admission admission) {
            // Once: the directory may change the fleet at any time.
            var nested = passthrough.egress(admission.request());
            if (exchange.leadsNowhere()) {
                admission.giveBack();
                exchange.refuse(RefusalReason.NOT_FOUND.because(Offer.NO_TEMPLATE));
            } else if (nested.isPresent()) {
                new PassthroughTunnel(passthrough, chain, tunnels, exchange, admission)
                        .start(nested.get());
            } else if (passthrough.isOnly()) {
                admission.giveBack();
                exchange.refuse(
                        RefusalReason.FORBIDDEN.because("this relay leads to its egresses only"));
            } else {
                var pool = pool(exchange.eventLoop());
                new UpstreamTunnel(pool, chain, tenants, tunnels, exchange, admission).start();
            }
        }

        @Override
        public void respond(PlainRequest request, Peer peer, Consumer<PlainResponse> then) {
            plainRequests.respond(request, peer, then);
        }
    }

    private EgressPool pool(EventLoop loop) {
        var pool = pools.get(loop);
        if (pool == null) {
            throw new IllegalStateException("loop: unknown (expected: one of this relay's)");
        }
        return pool;
    }

    @Override
    public List<InetSocketAddress> addresses() {
        return fronts.stream().map(Front::address).toList();
    }

    @Override
    public int activeTunnels() {
        return tunnels.count();
    }

    @Override
    public int activeTunnels(String listener) {
        return tunnels.count(listener);
    }

    @Override
    public void awaitTunnels(Duration timeout) throws InterruptedException {
        tunnels.awaitNone(timeout);
    }

    @Override
    public void close() {
        tunnels.stopLingering();
        fronts.forEach(Front::close);
        try {
            directory.run();
        } finally {
            pools.forEach((loop, pool) -> loop.submit(pool::close).awaitUninterruptibly(2000));
            dialer.close();
            loops.close();
        }
    }
}
