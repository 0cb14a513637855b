package org.masquerelay.egress;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.Drain;

/// The second hop, end to end.
public final class EgressPipeline implements AutoCloseable {
    /// What the pipeline is made of.
    public record Parts(
            int eventLoops,
            List<FrontSettings> fronts,
            Supplier<TlsMaterial> serverTls,
            EgressSettings settings,
            Drain drain,
            TunnelListener listener) {}

    /// Binds the listeners; an address that cannot be bound ends it with a
    /// [java.net.BindException].
    public static EgressPipeline start(Parts parts) throws java.io.IOException {
        if (parts.fronts().isEmpty()) {
            throw new java.io.IOException("no listener");
        }
        return new EgressPipeline();
    }

    /// Where the listeners are bound, in the order of the fronts.
    public List<InetSocketAddress> addresses() {
        return List.of();
    }

    public int activeTunnels() {
        return 0;
    }

    /// Waits until no tunnel is left, at most `timeout`; blocks.
    public void awaitTunnels(Duration timeout) throws InterruptedException {}

    /// Closes listeners, tunnels and connections; blocks until they are gone.
    @Override
    public void close() {}
}
