package org.masquerelay.ingress.directory;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.masquerelay.dns.DnsQueries;

/// A directory in the DNS: the addresses of names, or the servers of a service. Each name is asked
/// for again when its answer has lived, within bounds.
///
/// A name that has no answer, or a negative one, keeps what it stood for last: an empty fleet is
/// more likely a mistake than wanted.
public final class DnsEgresses implements EgressDirectory {
    private static final long STOP_MILLIS = 2000;

    private final DnsSettings settings;

    public DnsEgresses(DnsSettings settings) {
        this.settings = settings;
    }

    @Override
    public Runnable follow(EventLoop loop, Consumer<List<Egress>> fleet) {
        var following = new Following(loop, fleet);
        loop.execute(following::start);
        return () -> loop.submit(following::stop).awaitUninterruptibly(STOP_MILLIS);
    }

    /// All names of a directory. Confined to one event loop.
    private final class Following {
        private final EventLoop loop;
        private final Consumer<List<Egress>> fleet;
        private final DnsQueries queries;
        private final List<FollowedOrigin> origins = new ArrayList<>();

        Following(EventLoop loop, Consumer<List<Egress>> fleet) {
            this.loop = loop;
            this.fleet = fleet;
            this.queries = new DnsQueries(loop, settings.queries(), loop.ticker());
        }

        void start() {
            for (var origin : settings.origins()) {
                origins.add(new FollowedOrigin(loop, queries, settings, origin, this::changed));
            }
            origins.forEach(FollowedOrigin::ask);
        }

        private void changed() {
            var all = new ArrayList<Egress>();
            origins.forEach(origin -> all.addAll(origin.egresses()));
            if (!all.isEmpty()) {
                fleet.accept(all);
            }
        }

        void stop() {
            origins.forEach(FollowedOrigin::stop);
            queries.close();
        }
    }
}
