package org.masquerelay.token;

import java.time.Instant;
import java.util.List;

/// An issuer whose tokens an origin takes, with the keys of all types that they may be made with.
///
/// @param name the `issuer_name` of challenges
/// @param keys in the order of preference
public record TrustedIssuer(String name, List<Key> keys) {
    public TrustedIssuer {
        keys = List.copyOf(keys);
    }

    public static TrustedIssuer of(String name, List<? extends VerifyingKey> keys) {
        return new TrustedIssuer(name, keys.stream().map(Key::usable).toList());
    }

    /// The keys to ask for tokens of. A token of any other key is good, too: a client's clock may
    /// differ.
    public List<IssuerKey> offered(Instant now) {
        return keys.stream()
                .filter(key -> !key.notBefore.isAfter(now))
                .map(key -> key.verifying.publicKey())
                .toList();
    }

    /// A key, and when clients may begin to use it: [Instant#EPOCH] if nothing is said.
    public record Key(VerifyingKey verifying, Instant notBefore) {
        public static Key usable(VerifyingKey key) {
            return new Key(key, Instant.EPOCH);
        }
    }
}
