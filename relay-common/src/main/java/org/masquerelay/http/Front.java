package org.masquerelay.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.ShownCertificates;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;

/// The side of a relay that clients connect to: turns CONNECT, extended CONNECT and Upgrade into
/// [TunnelExchange]s for a [TunnelService], over every HTTP version of one listener.
///
/// HTTP/3 runs on UDP, the others on TCP, on the same port number.
public final class Front implements AutoCloseable {
    /// With port 0 the number found for UDP may be taken on TCP.
    private static final int ATTEMPTS = 20;

    private final @Nullable H3Front h3;
    private final @Nullable TcpFront tcp;
    private final InetSocketAddress address;

    private Front(EventLoops loops, FrontContext context, Supplier<TlsMaterial> tls)
            throws IOException {
        var settings = context.settings();
        boolean overTcp =
                settings.versions().contains(HttpVersion.H2)
                        || settings.versions().contains(HttpVersion.H1);
        h3 =
                settings.versions().contains(HttpVersion.H3)
                        ? H3Front.open(loops, context, tls)
                        : null;
        var bound = h3 == null ? settings.address() : h3.address();
        try {
            tcp = overTcp ? TcpFront.open(loops, context, bound, tls) : null;
        } catch (IOException | RuntimeException failure) {
            if (h3 != null) {
                h3.close();
            }
            throw failure;
        }
        address = tcp == null ? bound : tcp.address();
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
        var shown = new ShownCertificates(tls, settings.clientCertificates().clientAuth());
        var context = new FrontContext(settings, service, listener, shown);
        int attempts = settings.address().getPort() == 0 ? ATTEMPTS : 1;
        while (true) {
            try {
                return new Front(loops, context, tls);
            } catch (java.net.BindException taken) {
                if (--attempts == 0) {
                    throw taken;
                }
            }
        }
    }

    /// Where it is bound, on UDP and TCP alike.
    public InetSocketAddress address() {
        return address;
    }

    /// Asks every client to send its further requests elsewhere: GOAWAY (RFC 9114, section 5.2; RFC
    /// 9113, section 6.8), or `Connection: close` with the next answer. Tunnels go on.
    public void goAway() {
        if (h3 != null) {
            h3.goAway();
        }
        if (tcp != null) {
            tcp.goAway();
        }
    }

    /// Tells every peer that its connection is over, and stops listening. Blocks for a moment.
    @Override
    public void close() {
        if (h3 != null) {
            h3.close();
        }
        if (tcp != null) {
            tcp.close();
        }
    }
}
