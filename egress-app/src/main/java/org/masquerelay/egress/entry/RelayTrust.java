package org.masquerelay.egress.entry;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.ClientTrust;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.Peer;

/// Tells relays from other clients by who has signed their certificate.
///
/// Asked for every tunnel of every event loop; chains are remembered, so that each costs its
/// signatures once. Revocation is looked at by the listener.
public final class RelayTrust implements Predicate<Peer> {
    /// Chains that are remembered. A chain beyond them is judged again for each tunnel.
    private static final int MAX_KNOWN = 4096;

    private final Supplier<TlsMaterial> own;
    private volatile @Nullable Snapshot current;

    private record Snapshot(
            TlsMaterial material,
            ClientTrust trust,
            ConcurrentHashMap<List<X509Certificate>, Boolean> known) {}

    /// @param own the material whose authorities sign the certificates of relays
    public RelayTrust(Supplier<TlsMaterial> own) {
        this.own = own;
    }

    @Override
    public boolean test(Peer peer) {
        var chain = peer.certificates();
        if (chain.isEmpty()) {
            return false;
        }
        var snapshot = snapshot();
        var known = snapshot.known().get(chain);
        if (known != null) {
            return known;
        }
        boolean isRelay = snapshot.trust().accepts(chain);
        if (snapshot.known().size() < MAX_KNOWN) {
            snapshot.known().put(chain, isRelay);
        }
        return isRelay;
    }

    @SuppressWarnings("ReferenceEquality") // Each change makes a new value.
    private Snapshot snapshot() {
        var wanted = own.get();
        var snapshot = current;
        if (snapshot == null || snapshot.material() != wanted) {
            snapshot = new Snapshot(wanted, ClientTrust.of(wanted), new ConcurrentHashMap<>());
            current = snapshot;
        }
        return snapshot;
    }
}
