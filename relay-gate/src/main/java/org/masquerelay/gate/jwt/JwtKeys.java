package org.masquerelay.gate.jwt;

import reactor.core.publisher.Mono;

/// Where the keys of an issuer come from. Asked on event loops, so nothing here blocks.
public interface JwtKeys {
    /// Those that are known.
    KeySet current();

    /// Those that are known once the source was asked again, which it is now and then only. Never
    /// an error: when the source cannot be reached, those known before.
    Mono<KeySet> newer();

    /// Keys that never change.
    static JwtKeys of(KeySet keys) {
        return new JwtKeys() {
            @Override
            public KeySet current() {
                return keys;
            }

            @Override
            public Mono<KeySet> newer() {
                return Mono.just(keys);
            }
        };
    }
}
