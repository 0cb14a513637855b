package org.masquerelay.token;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.masquerelay.token.TokenVerifier.Verdict;

/// The issuers that an origin trusts, whose keys change while it runs.
///
/// Any thread: who verifies sees one immutable [Snapshot].
public final class TrustedIssuers {
    private final LiveChallenges challenges;
    private final AtomicReference<Snapshot> snapshot;

    public TrustedIssuers(LiveChallenges challenges, List<TrustedIssuer> issuers) {
        this.challenges = challenges;
        this.snapshot = new AtomicReference<>(snapshotOf(issuers));
    }

    public List<TrustedIssuer> all() {
        return snapshot.get().issuers;
    }

    public Verdict verify(Token token) {
        return snapshot.get().verifier.verify(token);
    }

    /// Gives an issuer other keys; one that is not trusted stays so.
    public void replace(TrustedIssuer issuer) {
        snapshot.updateAndGet(before ->
                snapshotOf(
                        before.issuers.stream()
                                .map(one -> one.name().equals(issuer.name()) ? issuer : one)
                                .toList()));
    }

    private Snapshot snapshotOf(List<TrustedIssuer> issuers) {
        return new Snapshot(List.copyOf(issuers), new TokenVerifier(issuers, challenges));
    }

    private record Snapshot(List<TrustedIssuer> issuers, TokenVerifier verifier) {}
}
