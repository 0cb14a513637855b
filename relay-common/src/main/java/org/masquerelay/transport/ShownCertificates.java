package org.masquerelay.transport;

import io.netty.handler.ssl.ClientAuth;
import io.netty.util.concurrent.Ticker;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.ClientTrust.Verdict;

/// Judges what a client has shown once its handshake is over, by what the listener trusts then.
///
/// A resumed session brings the certificate of the handshake before it, so it is judged here again:
/// it may have expired or been revoked since. Safe on any thread: what crosses is one immutable
/// snapshot.
public final class ShownCertificates {
    /// Tuning: how long a certificate that has expired on an open connection may count.
    private static final long JUDGED_FOR_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Supplier<TlsMaterial> tls;
    private final ClientAuth clientAuth;
    private final Ticker ticker;
    private volatile @Nullable Snapshot current;

    private record Snapshot(TlsMaterial material, ClientTrust trust) {}

    public ShownCertificates(Supplier<TlsMaterial> tls, ClientAuth clientAuth) {
        this(tls, clientAuth, Ticker.systemTicker());
    }

    ShownCertificates(Supplier<TlsMaterial> tls, ClientAuth clientAuth, Ticker ticker) {
        this.tls = tls;
        this.clientAuth = clientAuth;
        this.ticker = ticker;
    }

    /// The client's chain, leaf first; empty when it has shown none that is taken.
    public List<X509Certificate> taken(@Nullable SSLSession session) {
        if (clientAuth == ClientAuth.NONE || session == null) {
            return List.of();
        }
        var chain = shown(session);
        return !chain.isEmpty() && trust().accepts(chain) ? chain : List.of();
    }

    /// Whether the client has shown a chain that would be taken were it not revoked.
    public boolean areRevoked(@Nullable SSLSession session) {
        return clientAuth != ClientAuth.NONE
                && session != null
                && trust().judge(shown(session)) == Verdict.REVOKED;
    }

    /// Whether a client with this chain may stay.
    public boolean suffices(List<X509Certificate> taken) {
        return clientAuth != ClientAuth.REQUIRE || !taken.isEmpty();
    }

    /// Follows a chain that was taken just now.
    public Standing standing(List<X509Certificate> taken) {
        return new Standing(taken);
    }

    /// Whether what a client has shown still counts, while its connection lives on: it may be
    /// revoked or expire meanwhile. Confined to the loop of the connection.
    public final class Standing {
        private final List<X509Certificate> chain;
        private ClientTrust judge = trust();
        private long judgedNanos = ticker.nanoTime();
        private Verdict verdict = Verdict.TAKEN;

        private Standing(List<X509Certificate> chain) {
            this.chain = chain;
        }

        /// Judged anew when what the listener trusts has changed, and once a minute.
        @SuppressWarnings("ReferenceEquality") // Each change makes a new value.
        public boolean stands() {
            var trust = trust();
            long now = ticker.nanoTime();
            if (trust != judge || now - judgedNanos >= JUDGED_FOR_NANOS) {
                verdict = trust.judge(chain);
                judge = trust;
                judgedNanos = now;
            }
            return verdict == Verdict.TAKEN;
        }

        /// Why it counted no more when that was last asked.
        public boolean isRevoked() {
            return verdict == Verdict.REVOKED;
        }
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
