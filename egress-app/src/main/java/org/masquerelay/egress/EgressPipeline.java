package org.masquerelay.egress;

import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.masquerelay.boot.ops.RunningRelay;
import org.masquerelay.egress.access.AccessLog;
import org.masquerelay.egress.dial.Binder;
import org.masquerelay.egress.dial.Dialer;
import org.masquerelay.egress.dial.Dialer.Outcome;
import org.masquerelay.egress.entry.EnteredExchange;
import org.masquerelay.egress.entry.Entrance;
import org.masquerelay.egress.entry.EntryRules;
import org.masquerelay.egress.limit.RateLimits;
import org.masquerelay.egress.policy.OwnListeners;
import org.masquerelay.egress.policy.Permit;
import org.masquerelay.egress.policy.TargetPolicy;
import org.masquerelay.egress.policy.TargetPolicy.Ruling;
import org.masquerelay.egress.resolve.DnsTargetResolver;
import org.masquerelay.egress.resolve.SharedResolver;
import org.masquerelay.egress.resolve.TargetResolver;
import org.masquerelay.egress.resolve.TargetResolver.Resolution;
import org.masquerelay.egress.source.Sources;
import org.masquerelay.egress.source.TargetSockets;
import org.masquerelay.http.Front;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResource;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.http.PlainService;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.http.TunnelService;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.splice.OpenTunnels;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.TargetDialer;
import org.masquerelay.tunnel.Drain;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.BareItem;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.ProxyStatus;
import org.masquerelay.wire.ProxyStatusMember;
import org.masquerelay.wire.StructuredFields;

/// The second hop, end to end: drain, enter, resolve, rule, dial or bind, splice.
public final class EgressPipeline implements RunningRelay {
    private final EventLoops loops;
    private final EgressSettings settings;
    private final Drain drain;
    private final Entrance entrance;
    private final PlainService plainRequests;
    private final Optional<TargetResolver> ownResolver;
    private final SharedResolver resolver;
    private final TargetPolicy policy;
    private final Dialer dialer;
    private final Binder binder;
    private final RateLimits rates;
    private final OpenTunnels tunnels;
    private final List<Front> fronts = new ArrayList<>();
    private final AccessLog accessLog;
    private final OwnListeners own;

    /// What the pipeline is made of.
    ///
    /// @param plainRequests answers what is not a tunnel request; called on a virtual thread, may
    ///   block
    /// @param resolver resolves names instead of the DNS, if there is one; closed by who made it
    /// @param accessLog closed by who made it
    /// @param own where this process listens otherwise; the fronts are added
    public record Parts(
            int eventLoops,
            List<FrontSettings> fronts,
            ListenerTls serverTls,
            EgressSettings settings,
            EntryRules entry,
            Sources sources,
            PlainResource plainRequests,
            Optional<TargetResolver> resolver,
            Drain drain,
            TunnelListener listener,
            AccessLog accessLog,
            OwnListeners own) {}

    private EgressPipeline(Parts parts) {
        this.loops = EventLoops.start(parts.eventLoops());
        this.settings = parts.settings();
        this.drain = parts.drain();
        this.entrance = new Entrance(parts.entry(), parts.listener());
        this.plainRequests = new PlainService(parts.plainRequests());
        this.ownResolver =
                parts.resolver().isPresent()
                        ? Optional.empty()
                        : Optional.of(
                                new DnsTargetResolver(
                                        loops, settings.resolver(), parts.listener()));
        this.resolver = new SharedResolver(parts.resolver().or(() -> ownResolver).orElseThrow());
        this.accessLog = parts.accessLog();
        this.own = parts.own();
        this.policy = new TargetPolicy(settings.targets(), own);
        var sockets =
                new TargetSockets(
                        new TargetDialer(loops, parts.listener(), parts.sources().resting()),
                        parts.sources());
        this.dialer =
                new Dialer(sockets, settings.connectTimeout(), settings.connectionAttemptDelay());
        this.binder = new Binder(sockets, settings.bind());
        this.rates = new RateLimits(settings.rates(), parts.listener(), Ticker.systemTicker());
        this.tunnels = new OpenTunnels(parts.listener(), Ticker.systemTicker());
    }

    /// Binds the listeners; an address that cannot be bound ends it with a
    /// [java.net.BindException].
    public static EgressPipeline start(Parts parts) throws IOException {
        var pipeline = new EgressPipeline(parts);
        try {
            for (var front : parts.fronts()) {
                var service = pipeline.new Service(front.identifier());
                var opened =
                        Front.open(
                                pipeline.loops,
                                front,
                                parts.serverTls().of(front),
                                service,
                                parts.listener());
                pipeline.fronts.add(opened);
                pipeline.own.add(opened.address());
                parts.drain().serve(front.name(), opened::goAway);
            }
        } catch (IOException | RuntimeException failure) {
            pipeline.close();
            throw failure;
        }
        return pipeline;
    }

    /// What every front hands its requests to.
    private final class Service implements TunnelService {
        private final String identifier;

        Service(String identifier) {
            this.identifier = identifier;
        }

        @Override
        public void open(TunnelExchange asked) {
            var exchange = accessLog.watch(asked);
            if (drain.isDraining(exchange.request().peer().listener())) {
                exchange.refuse(RefusalReason.DRAINING.because(Drain.DETAILS));
                return;
            }
            entrance.enter(exchange, this::entered);
        }

        private void entered(EnteredExchange exchange) {
            exchange.request()
                    .scope()
                    .ifPresentOrElse(
                            target -> find(exchange, target), () -> ruleUnscoped(exchange));
        }

        private void find(EnteredExchange exchange, HostPort target) {
            var denied = policy.refusalUnresolved(exchange.request(), exchange.tenant());
            if (denied.isPresent()) {
                exchange.refuse(denied.get());
                return;
            }
            target.literal()
                    .ifPresentOrElse(
                            address -> rule(exchange, List.of(address)),
                            () -> resolve(exchange, target));
        }

        private void resolve(EnteredExchange exchange, HostPort target) {
            resolver.resolve(
                    asker(exchange),
                    target.host(),
                    exchange.eventLoop(),
                    resolution -> {
                        switch (resolution) {
                            case Resolution.Found(var addresses) -> rule(exchange, addresses);
                            case Resolution.Failed(var refusal) -> exchange.refuse(refusal);
                        }
                    });
        }

        private static Object asker(EnteredExchange exchange) {
            return exchange.tenant().isPresent()
                    ? exchange.tenant().get()
                    : exchange.request().peer().address();
        }

        private void rule(EnteredExchange exchange, List<InetAddress> addresses) {
            if (exchange.isAbandoned()) {
                exchange.abandon();
                return;
            }
            var families = settings.resolver().families();
            var reachable = addresses.stream().filter(families::allows).toList();
            if (reachable.isEmpty()) {
                exchange.refuse(
                        RefusalReason.DESTINATION_UNROUTABLE.because(
                                "this relay goes to no address of the target's family"));
                return;
            }
            rule(exchange, policy.rule(exchange.request(), exchange.tenant(), reachable));
        }

        private void ruleUnscoped(EnteredExchange exchange) {
            rule(exchange, policy.ruleUnscoped(exchange.request(), exchange.tenant()));
        }

        private void rule(EnteredExchange exchange, Ruling ruling) {
            switch (ruling) {
                case Ruling.Permitted(var permit) -> open(exchange, permit);
                case Ruling.Prohibited(var refusal) -> exchange.refuse(refusal);
            }
        }

        private void open(EnteredExchange exchange, Permit permit) {
            if (exchange.request().kind() == TunnelKind.BIND) {
                binder.bind(permit, exchange.eventLoop(), outcome -> bound(exchange, outcome));
            } else {
                dial(exchange, permit);
            }
        }

        private void bound(EnteredExchange exchange, Binder.Outcome outcome) {
            switch (outcome) {
                case Binder.Outcome.Bound(var sockets, var scope, var addresses) -> {
                    var fields = scope.map(this::nextHop).orElse(HeaderFields.NONE);
                    splice(exchange, sockets, boundAt(addresses, fields));
                }
                case Binder.Outcome.Failed(var refusal) -> exchange.refuse(refusal);
            }
        }

        private void dial(EnteredExchange exchange, Permit permit) {
            dialer.dial(
                    permit,
                    exchange.eventLoop(),
                    outcome -> {
                        switch (outcome) {
                            case Outcome.Connected(var target, var address) ->
                                    splice(exchange, target, nextHop(address));
                            case Outcome.Failed(var refusal) -> exchange.refuse(refusal);
                        }
                    });
        }

        private void splice(EnteredExchange exchange, TunnelStream target, HeaderFields fields) {
            if (exchange.isAbandoned()) {
                target.reset(ResetCause.CANCELLED);
                exchange.abandon();
                return;
            }
            var request = exchange.request();
            var limited =
                    rates.limit(TunnelTags.of(request), exchange.tenant(), exchange.eventLoop());
            tunnels.join(
                    request,
                    exchange.eventLoop(),
                    () -> limited.client(exchange.accept(fields)),
                    limited.target(target),
                    settings.times().of(request),
                    passed -> {
                        limited.close();
                        exchange.ended(passed);
                    });
        }

        // RFC 9209, section 2.1.2: the address that was dialled. The ingress keeps it to itself.
        private HeaderFields nextHop(InetSocketAddress address) {
            var parameters = new LinkedHashMap<String, BareItem>();
            parameters.put("next-hop", new BareItem.Text(HostPort.of(address).toString()));
            var member = new ProxyStatusMember(identifier, Optional.empty(), parameters);
            return HeaderFields.of("proxy-status", ProxyStatus.format(List.of(member)));
        }

        // draft-ietf-masque-connect-udp-listen, sections 6 and 7.
        private static HeaderFields boundAt(
                List<InetSocketAddress> addresses, HeaderFields fields) {
            var list =
                    addresses.stream()
                            .map(address ->
                                    StructuredFields.string(HostPort.of(address).toString()))
                            .collect(Collectors.joining(", "));
            return fields.with("connect-udp-bind", "?1").with("proxy-public-address", list);
        }

        @Override
        public void respond(PlainRequest request, Peer peer, Consumer<PlainResponse> then) {
            plainRequests.respond(request, peer, then);
        }

        @Override
        public boolean isRelay(Peer peer) {
            return entrance.isRelay(peer);
        }
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
        ownResolver.ifPresent(TargetResolver::close);
        loops.close();
    }
}
