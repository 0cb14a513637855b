package org.masquerelay.egress.limit;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.masquerelay.egress.limit.TenantMeters.Shared;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelStream;

/// Holds tunnels to how fast they may go. Used by every event loop; where nothing is limited, the
/// ends of a tunnel stay as they are.
public final class RateLimits {
    private final RateSettings settings;
    private final TunnelListener listener;
    private final Ticker ticker;
    private final TenantMeters tenants;

    public RateLimits(RateSettings settings, TunnelListener listener, Ticker ticker) {
        this.settings = settings;
        this.listener = listener;
        this.ticker = ticker;
        this.tenants = new TenantMeters(settings.tenant(), ticker);
    }

    /// What a tunnel is held to. [#close] once the tunnel is over.
    public interface Limited extends AutoCloseable {
        /// The client's end, of which the way to the target is limited.
        TunnelStream client(TunnelStream stream);

        /// The target's end, of which the way to the client is limited.
        TunnelStream target(TunnelStream stream);

        @Override
        void close();
    }

    /// Called when a tunnel opens, on its `loop`. A tunnel that is nobody's shares with no other.
    public Limited limit(TunnelTags tags, Optional<Tenant> tenant, EventLoop loop) {
        var sharer = settings.tenant().isNone() ? Optional.<Tenant>empty() : tenant;
        return settings.tunnel().isNone() && sharer.isEmpty()
                ? Unlimited.INSTANCE
                : new Metered(tags, sharer, loop);
    }

    private enum Unlimited implements Limited {
        INSTANCE;

        @Override
        public TunnelStream client(TunnelStream stream) {
            return stream;
        }

        @Override
        public TunnelStream target(TunnelStream stream) {
            return stream;
        }

        @Override
        public void close() {}
    }

    private final class Metered implements Limited {
        private final TunnelTags tags;
        private final Optional<Tenant> tenant;
        private final EventLoop loop;
        private final @Nullable Shared shared;

        Metered(TunnelTags tags, Optional<Tenant> tenant, EventLoop loop) {
            this.tags = tags;
            this.tenant = tenant;
            this.loop = loop;
            this.shared = tenant.map(tenants::enter).orElse(null);
        }

        @Override
        public TunnelStream client(TunnelStream stream) {
            return metered(stream, shared == null ? null : shared.in());
        }

        @Override
        public TunnelStream target(TunnelStream stream) {
            return metered(stream, shared == null ? null : shared.out());
        }

        private TunnelStream metered(TunnelStream stream, @Nullable Meter ofTenant) {
            var own = new Meter(settings.tunnel(), ticker.nanoTime());
            var meters = new Meters(ofTenant == null ? List.of(own) : List.of(own, ofTenant));
            return new MeteredStream(
                    stream, tags.protocol(), meters, loop, ticker, listener.losses(tags));
        }

        @Override
        public void close() {
            tenant.ifPresent(known -> tenants.leave(known, loop));
        }
    }

    /// Tenants with meters.
    int tenants() {
        return tenants.size();
    }
}
