package org.masquerelay.http;

import io.netty.channel.EventLoop;
import java.util.function.Supplier;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.QuicDialer;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;

/// Dials relays over any HTTP version. Shared by the event loops.
public final class RelayDialer {
    private final Parts parts;
    private final QuicDialer quic;

    /// What all connections are dialled with.
    public record Parts(
            EventLoops loops,
            Supplier<TlsMaterial> tls,
            ConnectionSettings connection,
            CapsulePolicy capsules,
            TunnelListener listener) {}

    public RelayDialer(Parts parts) {
        this.parts = parts;
        this.quic = new QuicDialer(parts.tls(), parts.connection());
    }

    /// Dials on `loop`, which the caller is on. `timeoutMillis` runs until requests can be sent.
    public RelayConnection dial(
            HttpVersion version,
            EventLoop loop,
            NextHop hop,
            long timeoutMillis,
            RelayConnection.Observer observer) {
        var endOfTurn = parts.loops().endOfTurn(loop);
        return switch (version) {
            case H3 ->
                    H3ClientConnection.dial(
                            new H3ClientConnection.Dial(
                                    quic, parts.connection(), parts.capsules(), parts.listener()),
                            loop,
                            endOfTurn,
                            hop,
                            timeoutMillis,
                            observer);
            case H2, H1 -> throw new UnsupportedOperationException("version: " + version);
        };
    }

    public TunnelListener listener() {
        return parts.listener();
    }
}
