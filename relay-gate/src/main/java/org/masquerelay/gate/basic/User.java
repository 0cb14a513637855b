package org.masquerelay.gate.basic;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.masquerelay.password.PasswordHash;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.Tenant;

/// Somebody of the users file, and the password that was last found right.
///
/// Read and written by event loops and verifying threads alike: one immutable value in one
/// `volatile` field. Since a user has one password, this cache is no larger than the file.
final class User {
    private final Tenant tenant;
    private final PasswordHash hash;
    private volatile @Nullable Verified verified;

    /// @param digest a keyed digest of name and password
    private record Verified(ImmutableBytes digest, Instant until) {}

    User(Tenant tenant, PasswordHash hash) {
        this.tenant = tenant;
        this.hash = hash;
    }

    Tenant tenant() {
        return tenant;
    }

    PasswordHash hash() {
        return hash;
    }

    /// Whether the password with this digest was verified a short while ago.
    boolean isKnown(ImmutableBytes digest, Instant now) {
        var last = verified;
        return last != null && now.isBefore(last.until()) && last.digest().equals(digest);
    }

    void verified(ImmutableBytes digest, Instant until) {
        verified = new Verified(digest, until);
    }
}
