package org.masquerelay.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.TlsMaterial;

/// The side of a relay that clients connect to: turns CONNECT, extended CONNECT and Upgrade into
/// [TunnelExchange]s for a [TunnelService], over every HTTP version of one listener.
public final class Front implements AutoCloseable {
    private final H3Front h3;

    private Front(H3Front h3) {
        this.h3 = h3;
    }

    /// Binds the listener on every loop and serves.
    ///
    /// @throws IOException when the address cannot be bound
    public static Front open(
            EventLoops loops,
            FrontSettings settings,
            Supplier<TlsMaterial> tls,
            TunnelService service,
            TunnelListener listener)
            throws IOException {
        var context = new FrontContext(settings, service, listener);
        return new Front(H3Front.open(loops, context, tls));
    }

    public InetSocketAddress address() {
        return h3.address();
    }

    /// Tells every peer that its connection is over, and stops listening. Blocks for a moment.
    @Override
    public void close() {
        h3.close();
    }
}
