package org.masquerelay.token;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// An issuer whose tokens an origin takes, with the keys of all types that they may be made with.
///
/// @param name the `issuer_name` of challenges
/// @param keys in the order of preference
public record TrustedIssuer(String name, List<Key> keys) {
    /// Of each type. Every one makes a refusal 700 octets longer, and a directory may list a
    /// hundred.
    private static final int MAX_OFFERED = 4;

    public TrustedIssuer {
        keys = List.copyOf(keys);
    }

    public static TrustedIssuer of(String name, List<? extends VerifyingKey> keys) {
        return new TrustedIssuer(name, keys.stream().map(Key::usable).toList());
    }

    /// The keys to ask for tokens of: the first few whose time has come. A token of any other key
    /// is good, too: a client's clock may differ.
    public List<IssuerKey> offered(Instant now) {
        var offered = new ArrayList<IssuerKey>();
        for (var key : keys) {
            var candidate = key.verifying.publicKey();
            long before = offered.stream().filter(one -> one.type() == candidate.type()).count();
            if (before < MAX_OFFERED && !key.notBefore.isAfter(now)) {
                offered.add(candidate);
            }
        }
        return List.copyOf(offered);
    }

    /// A key, and when clients may begin to use it: [Instant#EPOCH] if nothing is said.
    public record Key(VerifyingKey verifying, Instant notBefore) {
        public static Key usable(VerifyingKey key) {
            return new Key(key, Instant.EPOCH);
        }
    }
}
