package org.masquerelay.transport;

import io.netty.handler.ssl.ClientAuth;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// Judges what a client has shown once its handshake is over, by what the listener trusts then.
///
/// A resumed session brings the certificate of the handshake before it, so it is judged here again:
/// it may have expired or been revoked since. Safe on any thread: what crosses is one immutable
/// snapshot.
public final class ShownCertificates {
    private final Supplier<TlsMaterial> tls;
    private final ClientAuth clientAuth;
    private volatile @Nullable Snapshot current;

    private record Snapshot(TlsMaterial material, ClientTrust trust) {}

    public ShownCertificates(Supplier<TlsMaterial> tls, ClientAuth clientAuth) {
        this.tls = tls;
        this.clientAuth = clientAuth;
    }

    /// The client's chain, leaf first; empty when it has shown none that is taken.
    public List<X509Certificate> taken(@Nullable SSLSession session) {
        if (clientAuth == ClientAuth.NONE || session == null) {
            return List.of();
        }
        var chain = shown(session);
        return !chain.isEmpty() && trust().accepts(chain) ? chain : List.of();
    }

    /// Whether a client with this chain may stay.
    public boolean suffices(List<X509Certificate> taken) {
        return clientAuth != ClientAuth.REQUIRE || !taken.isEmpty();
    }

    private static List<X509Certificate> shown(SSLSession session) {
        try {
            return Arrays.stream(session.getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException _) {
            return List.of();
        }
    }

    @SuppressWarnings("ReferenceEquality") // Asked for every connection, as TcpTls asks.
    private ClientTrust trust() {
        var wanted = tls.get();
        var snapshot = current;
        if (snapshot == null || snapshot.material() != wanted) {
            snapshot = new Snapshot(wanted, ClientTrust.of(wanted));
            current = snapshot;
        }
        return snapshot.trust();
    }
}
