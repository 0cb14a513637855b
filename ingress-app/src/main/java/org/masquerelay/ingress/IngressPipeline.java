package org.masquerelay.ingress;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.ingress.gate.Gate;
import org.masquerelay.ingress.upstream.UpstreamSettings;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.Drain;

/// The first hop, end to end.
public final class IngressPipeline implements AutoCloseable {
    /// What the pipeline is made of.
    public record Parts(
            int eventLoops,
            List<FrontSettings> fronts,
            Supplier<TlsMaterial> serverTls,
            UpstreamSettings upstream,
            Supplier<TlsMaterial> upstreamTls,
            Gate gate,
            Function<PlainRequest, PlainResponse> plainRequests,
            Drain drain,
            TunnelListener listener) {}

    /// Binds the listeners; an address that cannot be bound ends it with a
    /// [java.net.BindException].
    public static IngressPipeline start(Parts parts) throws java.io.IOException {
        if (parts.fronts().isEmpty()) {
            throw new java.io.IOException("no listener");
        }
        return new IngressPipeline();
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
