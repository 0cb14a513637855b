package org.masquerelay.http;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.function.Supplier;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.EventLoops;
import org.masquerelay.transport.KeyExport;
import org.masquerelay.transport.QuicDialer;
import org.masquerelay.transport.QuicPath;
import org.masquerelay.transport.TcpDialer;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.transport.TlsProvider;
import org.masquerelay.tunnel.HttpVersion;

/// Dials relays over any HTTP version. Shared by the event loops.
public final class RelayDialer implements AutoCloseable {
    private final Parts parts;
    private final QuicDialer quic;
    private final TcpDial h2;
    private final TcpDial h1;

    /// What all connections are dialled with.
    public record Parts(
            EventLoops loops,
            Supplier<TlsMaterial> tls,
            ConnectionSettings connection,
            CapsulePolicy capsules,
            TunnelListener listener) {}

    public RelayDialer(Parts parts) {
        this(parts, QuicPath.UDP);
    }

    /// @param path what the packets of HTTP/3 travel on
    public RelayDialer(Parts parts, QuicPath path) {
        this(parts, path, KeyExport.OFF);
    }

    /// @param export whether the credentials of the hops need exporters
    public RelayDialer(Parts parts, QuicPath path, KeyExport export) {
        this.parts = parts;
        this.quic =
                new QuicDialer(
                        parts.tls(),
                        parts.connection(),
                        path,
                        export,
                        parts.listener().packetInterest());
        this.h2 = tcp(HttpVersion.H2, export);
        this.h1 = tcp(HttpVersion.H1, export);
    }

    private TcpDial tcp(HttpVersion version, KeyExport export) {
        return new TcpDial(
                new TcpDialer(parts.tls(), TlsProvider.AUTO, List.of(version), export),
                parts.connection(),
                parts.capsules(),
                parts.listener());
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
                                    quic,
                                    parts.connection(),
                                    parts.capsules(),
                                    parts.listener(),
                                    parts.loops().sampler(loop)),
                            loop,
                            endOfTurn,
                            hop,
                            timeoutMillis,
                            observer);
            case H2 -> H2ClientConnection.dial(h2, loop, endOfTurn, hop, timeoutMillis, observer);
            case H1 -> H1ClientConnection.dial(h1, loop, endOfTurn, hop, timeoutMillis, observer);
        };
    }

    /// Lets go of what dialling needs; connections live on.
    @Override
    public void close() {
        h2.dialer().close();
        h1.dialer().close();
    }

    public TunnelListener listener() {
        return parts.listener();
    }
}
