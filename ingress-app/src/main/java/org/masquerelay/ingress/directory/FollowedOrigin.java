package org.masquerelay.ingress.directory;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.dns.DnsAnswer;
import org.masquerelay.dns.DnsQueries;
import org.masquerelay.dns.Question;
import org.masquerelay.ingress.directory.DnsSettings.Records;
import org.masquerelay.wire.HostPort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One origin and the egresses that the DNS has for it. Confined to one event loop.
final class FollowedOrigin {
    private static final Logger LOG = LoggerFactory.getLogger(FollowedOrigin.class);

    private final EventLoop loop;
    private final DnsQueries queries;
    private final DnsSettings settings;
    private final HostPort origin;
    private final Runnable changed;
    private List<Egress> egresses = List.of();
    private Map<Asked, List<InetAddress>> known = Map.of();
    private @Nullable Future<?> next;
    private boolean failing;
    private boolean stopped;

    FollowedOrigin(
            EventLoop loop,
            DnsQueries queries,
            DnsSettings settings,
            HostPort origin,
            Runnable changed) {
        this.loop = loop;
        this.queries = queries;
        this.settings = settings;
        this.origin = origin;
        this.changed = changed;
    }

    /// What the last answer said that could be used.
    List<Egress> egresses() {
        return egresses;
    }

    void ask() {
        if (origin.literal().isPresent()) {
            update(List.of(Egress.at(origin))); // There is nothing to ask for.
            return;
        }
        switch (settings.records()) {
            case Records.Addresses() -> {
                var round = new Round();
                round.expect(new Server(origin.host(), origin.port(), 0, 1));
                round.begun();
            }
            case Records.Services(var service) ->
                    queries.ask(
                            new Question(
                                    service + "." + absolute(origin.host()), DnsRecordType.SRV),
                            this::servicesKnown);
        }
    }

    private static String absolute(String name) {
        return name.endsWith(".") ? name : name + ".";
    }

    private void servicesKnown(DnsAnswer answer) {
        if (answer instanceof DnsAnswer.Services(var services, long ttl)) {
            var round = new Round();
            round.ttlSeconds = ttl;
            services.forEach(one ->
                    round.expect(
                            new Server(one.target(), one.port(), one.priority(), one.weight())));
            round.begun();
        } else {
            failed();
        }
    }

    /// Where one or more egresses are.
    private record Server(String host, int port, int priority, int weight) {
        Egress at(HostPort origin, InetAddress address) {
            var at = new InetSocketAddress(address, port);
            return new Egress(
                    HostPort.of(at).toString(), origin, Optional.of(at), priority, weight);
        }
    }

    /// A question for addresses, whatever their rank.
    private record Asked(String host, int port, DnsRecordType type) {}

    /// The questions for the addresses of all servers, asked at once.
    private final class Round {
        private final List<Egress> found = new ArrayList<>();
        private final Map<Asked, List<InetAddress>> answers = new HashMap<>();
        private long ttlSeconds = Integer.MAX_VALUE;
        private int open = 1;
        private boolean incomplete;

        void expect(Server server) {
            open += 2;
            for (var type : List.of(DnsRecordType.AAAA, DnsRecordType.A)) {
                queries.ask(
                        new Question(absolute(server.host()), type),
                        answer -> answered(server, type, answer));
            }
        }

        /// All questions are on their way.
        void begun() {
            end();
        }

        private void answered(Server server, DnsRecordType type, DnsAnswer answer) {
            var asked = new Asked(server.host(), server.port(), type);
            var addresses =
                    switch (answer) {
                        case DnsAnswer.Addresses(var said, long ttl) -> {
                            ttlSeconds = Math.min(ttlSeconds, ttl);
                            yield said;
                        }
                        case DnsAnswer.NoData _, DnsAnswer.NoName _, DnsAnswer.Services _ ->
                                List.<InetAddress>of();
                        case DnsAnswer.Failed _ -> {
                            // No reason to give these up, nor to keep what others say from
                            // counting.
                            incomplete = true;
                            yield known.getOrDefault(asked, List.of());
                        }
                    };
            answers.put(asked, addresses);
            addresses.forEach(address -> found.add(server.at(origin, address)));
            end();
        }

        private void end() {
            if (--open > 0) {
                return;
            }
            if (found.isEmpty()) {
                failed();
                return;
            }
            known = Map.copyOf(answers);
            // Servers give the same records in another order each time.
            found.sort(Comparator.comparing(Egress::name));
            if (incomplete) {
                failed();
            } else {
                failing = false;
                again(settings.life(ttlSeconds));
            }
            update(List.copyOf(found));
        }
    }

    private void update(List<Egress> now) {
        if (!stopped && !now.equals(egresses)) {
            egresses = now;
            changed.run();
        }
    }

    private void failed() {
        if (!failing && !stopped) {
            failing = true;
            LOG.warn(
                    "The DNS does not say where egresses of {} are; what it said of them last counts",
                    origin);
        }
        again(settings.minTtl());
    }

    private void again(Duration delay) {
        if (!stopped) {
            next = loop.schedule(this::ask, delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    void stop() {
        stopped = true;
        if (next != null) {
            next.cancel(false);
        }
    }
}
