package org.masquerelay.transport;

import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ClientAuth;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.PacketInterest;

/// The TLS context of a QUIC endpoint, rebuilt when its material changes; connections already open
/// keep theirs.
///
/// Safe on any thread: what crosses is one immutable snapshot.
final class QuicTls {
    private final Supplier<TlsMaterial> material;
    private final java.util.function.Function<TlsMaterial, QuicSslContext> build;
    private volatile @Nullable Snapshot current;

    private record Snapshot(TlsMaterial material, QuicSslContext context) {}

    private QuicTls(
            Supplier<TlsMaterial> material,
            java.util.function.Function<TlsMaterial, QuicSslContext> build) {
        this.material = material;
        this.build = build;
    }

    static QuicTls server(ServerTls server, PacketInterest interest) {
        return new QuicTls(server.material(), tls -> serverContext(tls, server, interest));
    }

    static QuicTls client(
            Supplier<TlsMaterial> material, KeyExport export, PacketInterest interest) {
        return new QuicTls(material, tls -> clientContext(tls, export, interest));
    }

    /// The context for the material of this moment. Building one anew happens once per change.
    @SuppressWarnings(
            "ReferenceEquality") // Asked for every connection; comparing keys would cost more than
    // it saves.
    QuicSslContext context() {
        var wanted = material.get();
        var snapshot = current;
        if (snapshot == null || snapshot.material() != wanted) {
            snapshot = new Snapshot(wanted, build.apply(wanted));
            current = snapshot;
        }
        return snapshot.context();
    }

    private static QuicSslContext serverContext(
            TlsMaterial tls, ServerTls server, PacketInterest interest) {
        var key = tls.key();
        if (key == null) {
            throw new IllegalArgumentException("a listener needs a private key and a certificate");
        }
        var builder =
                QuicSslContextBuilder.forServer(
                                key, null, tls.chain().toArray(X509Certificate[]::new))
                        .applicationProtocols(Http3.supportedApplicationProtocols())
                        .clientAuth(server.clientAuth());
        if (server.clientAuth() != ClientAuth.NONE) {
            builder.trustManager(
                    new ClientTrustManager(
                            ClientTrust.of(tls), server.clientAuth() == ClientAuth.REQUIRE));
        }
        return keeping(builder, server.keyExport(), interest).build();
    }

    private static QuicSslContext clientContext(
            TlsMaterial tls, KeyExport export, PacketInterest interest) {
        var builder =
                QuicSslContextBuilder.forClient()
                        .applicationProtocols(Http3.supportedApplicationProtocols());
        if (!tls.anchors().isEmpty()) {
            builder.trustManager(tls.anchors().toArray(X509Certificate[]::new));
        }
        if (tls.key() != null) {
            builder.keyManager(tls.key(), null, tls.chain().toArray(X509Certificate[]::new));
        }
        return keeping(builder, export, interest).build();
    }

    /// The QUIC layer has no exporter and says nothing of key updates, but tells the secrets that
    /// one starts from and the other can be seen with.
    private static QuicSslContextBuilder keeping(
            QuicSslContextBuilder builder, KeyExport export, PacketInterest interest) {
        boolean exporter = export == KeyExport.ON;
        boolean headers = interest == PacketInterest.DROPS_AND_KEYS;
        if (!exporter && !headers) {
            return builder;
        }
        return builder.keylog((engine, line) -> {
            if (exporter) {
                KeyExporters.keep(engine, line);
            }
            if (headers) {
                HeaderKeys.keep(engine, line);
            }
        });
    }
}
