package org.masquerelay.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;

/// The TLS context of a TCP endpoint, rebuilt when its material changes; connections already open
/// keep theirs, and BoringSSL's memory is freed with the last of them.
///
/// TLS 1.3 and 1.2, the latter with the cipher suites that RFC 9113, section 9.2.2, leaves. Nothing
/// is ever accepted as early data. Safe on any thread: what crosses is one immutable snapshot.
final class TcpTls implements AutoCloseable {
    private static final String[] TLS_VERSIONS = {"TLSv1.3", "TLSv1.2"};

    private final Supplier<TlsMaterial> material;
    private final Build build;
    private final AtomicReference<@Nullable Snapshot> current = new AtomicReference<>();
    private volatile boolean closed;

    private interface Build {
        SslContextBuilder of(TlsMaterial tls);
    }

    private record Snapshot(TlsMaterial material, SslContext context) {}

    private TcpTls(
            Supplier<TlsMaterial> material,
            TlsProvider provider,
            List<HttpVersion> versions,
            Build build) {
        var protocols = protocols(versions);
        this.material = material;
        this.build =
                tls ->
                        build.of(tls)
                                .sslProvider(provider.choice())
                                .protocols(TLS_VERSIONS)
                                .ciphers(
                                        Http2SecurityUtil.CIPHERS,
                                        SupportedCipherSuiteFilter.INSTANCE)
                                .applicationProtocolConfig(protocols);
    }

    /// A server that chooses the first of `versions` that the client offers too.
    static TcpTls server(ServerTls server, TlsProvider provider, List<HttpVersion> versions) {
        return new TcpTls(
                server.material(),
                server.keyExport().on(provider),
                versions,
                tls -> serverContext(tls, server.clientAuth()));
    }

    /// A client that offers `versions`, the preferred one first.
    static TcpTls client(
            Supplier<TlsMaterial> material, TlsProvider provider, List<HttpVersion> versions) {
        return new TcpTls(material, provider, versions, TcpTls::clientContext);
    }

    /// Fails if the material of this moment is unusable.
    void check() {
        ReferenceCountUtil.release(retained());
    }

    /// The handler of a connection that was accepted.
    SslHandler handler(ByteBufAllocator allocator) {
        return handler(context -> context.newHandler(allocator));
    }

    /// The handler of a connection to `authority`, which the peer's certificate has to name.
    SslHandler handler(ByteBufAllocator allocator, HostPort authority) {
        return handler(
                context -> context.newHandler(allocator, authority.host(), authority.port()));
    }

    private SslHandler handler(Function<SslContext, SslHandler> make) {
        var context = retained();
        try {
            var handler = make.apply(context);
            handler.setHandshakeTimeoutMillis(0); // TlsHandshake keeps the time.
            return handler;
        } finally {
            ReferenceCountUtil.release(context); // The engine holds it from here.
        }
    }

    /// The context for the material of this moment, for the caller to release. Building one anew
    /// happens once per change; of loops that do it at once, one wins.
    @SuppressWarnings(
            "ReferenceEquality") // Asked for every connection; comparing keys would cost more than
    // it saves.
    private SslContext retained() {
        while (!closed) {
            var wanted = material.get();
            var snapshot = current.get();
            if (snapshot == null || snapshot.material() != wanted) {
                var built = ReferenceCountUtil.retain(context(wanted));
                if (current.compareAndSet(snapshot, new Snapshot(wanted, built))) {
                    release(snapshot);
                    return built;
                }
                ReferenceCountUtil.release(built, 2);
                continue;
            }
            try {
                return ReferenceCountUtil.retain(snapshot.context());
            } catch (IllegalReferenceCountException _) {
                // Another loop has replaced it meanwhile.
            }
        }
        close(); // A context that was built while another thread closed this.
        throw new IllegalStateException("closed");
    }

    private SslContext context(TlsMaterial tls) {
        try {
            return build.of(tls).build();
        } catch (SSLException e) {
            throw new IllegalArgumentException("the TLS key or certificate is unusable", e);
        }
    }

    private static void release(@Nullable Snapshot snapshot) {
        if (snapshot != null) {
            ReferenceCountUtil.release(snapshot.context());
        }
    }

    /// Lets go of the context; it is freed with the last of its connections.
    @Override
    public void close() {
        closed = true;
        release(current.getAndSet(null));
    }

    private static SslContextBuilder serverContext(TlsMaterial tls, ClientAuth clientAuth) {
        var key = tls.key();
        if (key == null) {
            throw new IllegalArgumentException("a listener needs a private key and a certificate");
        }
        var builder =
                SslContextBuilder.forServer(key, tls.chain().toArray(X509Certificate[]::new))
                        .clientAuth(clientAuth);
        return clientAuth == ClientAuth.NONE
                ? builder
                : builder.trustManager(
                        new ClientTrustManager(
                                ClientTrust.of(tls), clientAuth == ClientAuth.REQUIRE));
    }

    private static SslContextBuilder clientContext(TlsMaterial tls) {
        var builder = SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS");
        if (!tls.anchors().isEmpty()) {
            builder.trustManager(tls.anchors());
        }
        if (tls.key() != null) {
            builder.keyManager(tls.key(), tls.chain().toArray(X509Certificate[]::new));
        }
        return builder;
    }

    /// A peer without a protocol in common is no matter of the provider, since BoringSSL's would go
    /// on without one: [AlpnGate] ends its handshake.
    private static ApplicationProtocolConfig protocols(List<HttpVersion> versions) {
        return new ApplicationProtocolConfig(
                Protocol.ALPN,
                SelectorFailureBehavior.NO_ADVERTISE,
                SelectedListenerFailureBehavior.ACCEPT,
                versions.stream().map(TcpTls::protocol).toList());
    }

    /// The ALPN protocol ID of a version (RFC 7301, section 6; RFC 9113, section 3.1).
    static String protocol(HttpVersion version) {
        return switch (version) {
            case H1 -> ApplicationProtocolNames.HTTP_1_1;
            case H2 -> ApplicationProtocolNames.HTTP_2;
            case H3 -> throw new IllegalArgumentException("version: H3 (expected: one over TCP)");
        };
    }

    /// The version that a finished handshake has settled on: one of those offered, and HTTP/1.1, if
    /// offered, where the peer knows nothing of ALPN.
    static Optional<HttpVersion> version(@Nullable String protocol, List<HttpVersion> versions) {
        var settled = protocol == null ? ApplicationProtocolNames.HTTP_1_1 : protocol;
        return versions.stream().filter(version -> protocol(version).equals(settled)).findFirst();
    }
}
