package org.masquerelay.transport;

import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.AttributeKey;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLKeyException;
import org.masquerelay.tunnel.KeyExporter;

/// The exporters of TLS connections, of listeners and dialers with [KeyExport#ON].
public final class KeyExporters {
    private static final AttributeKey<KeyExporter> EXPORTER =
            AttributeKey.valueOf(KeyExporters.class, "EXPORTER");

    /// The value of a QUIC connection's TLS session with its [ExporterSecret].
    private static final String SECRET = ExporterSecret.class.getName();

    private KeyExporters() {}

    /// That of a TCP connection whose handshake is complete.
    public static Optional<KeyExporter> of(SocketChannel channel) {
        return Optional.ofNullable(channel.attr(EXPORTER).get());
    }

    /// That of a QUIC connection whose handshake is complete.
    public static Optional<KeyExporter> of(QuicChannel quic) {
        var engine = quic.sslEngine();
        return engine != null && engine.getSession().getValue(SECRET) instanceof KeyExporter secret
                ? Optional.of(secret)
                : Optional.empty();
    }

    /// Keeps the engine of a TCP connection, which is the JDK's.
    static void offer(Channel channel, SSLEngine engine) {
        channel.attr(EXPORTER).set(new OfSession(engine));
    }

    /// Keeps the secret of a line of a QUIC connection's key log.
    static void keep(SSLEngine engine, String line) {
        ExporterSecret.parse(line)
                .ifPresent(secret -> engine.getSession().putValue(SECRET, secret));
    }

    /// The JDK's exporter takes no context of more than 255 bytes in TLS 1.3, although only its
    /// hash goes in: enough for all but RSA keys and very long names.
    private record OfSession(SSLEngine engine) implements KeyExporter {
        @Override
        public Optional<byte[]> export(String label, byte[] context, int length) {
            if (!(engine.getSession() instanceof ExtendedSSLSession session)) {
                return Optional.empty();
            }
            try {
                return Optional.of(session.exportKeyingMaterialData(label, context, length));
            } catch (SSLKeyException
                    | IllegalArgumentException
                    | IllegalStateException
                    | UnsupportedOperationException _) {
                return Optional.empty();
            }
        }
    }
}
